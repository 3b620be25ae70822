import { expect, test } from 'vitest';
import { planOf, problemsOf } from './loading.ts';

const request = { http: { url: '{{shop}}/x', headers: { key: '{{key}}' } } };
const logs = { services: ['stock'], failing: [request] };

test('traces as they should be, with their defaults', async () => {
  const { traces } = await planOf({
    traces: { malformed: [request], logs, expect: [{ operation: 'buy', services: ['Any.Name'] }] },
  });
  expect(traces).toMatchObject({
    sample: 0.1,
    atLeast: 0.999,
    minRequests: 500,
    minRetried: 0,
    settle: 10_000,
    listen: {},
  });
  expect(traces?.logs).toMatchObject({ traceId: 'trace_id', atLeast: 0.99, minRequests: 100, copies: 60 });
});

test.each<readonly [string, object, object]>([
  [
    'a phase that is not there',
    { traces: { expect: [{ operation: 'buy', services: ['shop'], phases: ['steady', 'borken'] }] } },
    {
      path: 'traces.expect[0].phases[1]',
      value: 'borken',
      message: 'unknown phase',
      hint: expect.stringContaining('broken') as unknown,
    },
  ],
  [
    'logs of a service that runs already',
    { traces: { logs: { services: ['shop'] } } },
    { path: 'traces.logs.services[0]', value: 'shop', message: 'is no service that the harness starts' },
  ],
  [
    'a placeholder that stands for nothing',
    { traces: { malformed: [{ http: { url: '{{shopp}}/x' } }] } },
    {
      path: 'traces.malformed[0]',
      message: 'unknown placeholder {{shopp}}',
      hint: expect.stringContaining('shop') as unknown,
    },
  ],
  [
    'too small a sample for a drill on the collector',
    { traces: { sample: '1%' }, drills: [{ kind: 'collector' }] },
    { path: 'traces.sample', value: 0.01, message: 'is too little for the drill on the collector' },
  ],
])('%s', async (_, changes, problem) => {
  expect(await problemsOf(changes)).toContainEqual(expect.objectContaining(problem));
});

test('a drill on the collector, after the load', async () => {
  const { drills, load } = await planOf({ drills: [{ kind: 'collector', for: '2s' }] });
  expect(drills[0]?.steps.map(({ step }) => step)).toEqual([
    ...[1, 2, 3].flatMap((round) => [`with-${round}`, `hang-${round}`, `down-${round}`]),
    'back',
  ]);
  expect(load.phases.at(-1)?.name).toBe('collector-back');
});
