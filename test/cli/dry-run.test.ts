import { expect, test } from 'vitest';
import { layOutDrills } from '../../chaos/drills/lay-out.ts';
import { renderSchedule } from '../../lib/cli/dry-run.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { layOut } from '../../lib/plan/phases.ts';
import { comparisonSchema } from '../../lib/plan/schema/comparison.ts';
import { drillSchema } from '../../lib/plan/schema/drills.ts';
import { splitBlocks } from '../../lib/plan/split-blocks.ts';

const PROBE = { tcp: '127.0.0.1:1' };
const comparison = comparisonSchema.parse({ blocks: 6, candidate: { traffic: { pricing: 'full' } } });

const plan: Plan = {
  version: 1,
  experiment: 'checkout',
  description: 'may it take the traffic?',
  seed: 7,
  root: '/',
  system: { services: {}, edges: {} },
  traffic: { pricing: 'off' },
  load: {
    scenario: '/checkout.ts',
    env: {},
    phases: splitBlocks(
      layOut([
        { name: 'warm-up', duration: 2_000, rate: { from: 0, to: 20 } },
        { name: 'day', duration: 8_000, rate: { steps: [5, 40] }, env: { KEYS: 'zipf:1.1', API_TOKEN: 'hunter2' } },
        { name: 'canary', duration: 5_000, rate: 20, traffic: { pricing: { canary: 10 } } },
        { name: 'compare', duration: 48_000, rate: 20 },
      ]),
      comparison,
      (path) => expect.fail(path),
    ),
    steady: 'canary',
    maxVUs: 80,
    recordWrites: false,
  },
  faults: [
    {
      name: 'slow',
      edge: 'a-b',
      kind: 'latency',
      startMs: 10_500,
      endMs: 11_000,
      direction: 'replies',
      connections: 1,
      latencyMs: 50,
      jitterMs: 5,
    },
    { name: 'killed', service: 'b', kind: 'kill', startMs: 12_000, endMs: 13_000 },
  ],
  drills: [],
  budgets: [],
  comparison,
};

test('phases, shapes, what they change, faults and blocks are on one clock, without secrets', () => {
  const [, , ...lines] = renderSchedule(plan).split('\n');
  expect(lines).toEqual([
    '  traffic pricing: off',
    '      0ms –      2s  phase warm-up        0/s → 20/s',
    '       2s –     10s  phase day            5/s … 40/s in 3 pieces KEYS=zipf:1.1 API_TOKEN=[redacted]',
    '      10s –     15s  phase canary         20/s pricing→canary 10 %',
    '    10.5s –     11s  fault slow           latency 50ms ± 5ms on a-b',
    '      12s –     13s  fault killed         killed, started again at the end on b',
    '      15s –     63s  phase compare        20/s, 6 blocks of 4s each for baseline and candidate',
    '  0 budgets, at most 80 iterations at once',
  ]);
});

test('a drill says what it is about, and its steps come after all else', () => {
  const drill = { kind: 'readiness', on: [{ edge: 'a-b', service: 'a', ready: PROBE, live: PROBE }] };
  const input = drillSchema.parse({ ...drill, period: '1s', threshold: 2 });
  const { drills, phases, faults } = layOutDrills([input], plan.load.phases, {
    protocolOf: () => 'http',
    seedOf: () => 1,
  });
  const load = { ...plan.load, phases: [...plan.load.phases, ...phases] };
  const lines = renderSchedule({ ...plan, load, drills, faults: [...plan.faults, ...faults] }).split('\n');
  expect(lines[3]).toBe(
    '  drill readiness on a-b: without the edge not ready within 3s, but live; ready again as soon after it is back',
  );
  expect(lines.slice(-5)).toEqual([
    '      63s –     65s  phase readiness-before 20/s',
    '      65s –     70s  phase readiness-lost 20/s',
    '      65s –     70s  fault readiness-lost-a-b down on a-b',
    '      70s –     75s  phase readiness-back 20/s',
    '  0 budgets, at most 80 iterations at once',
  ]);
});

test('its hash is that of the plan that is written down', () => {
  const hash = (text: string) => /plan ([0-9a-f]{12})/.exec(text)?.[1];
  const [a, b] = ['x', 'y'].map((token) => ({ ...plan, load: { ...plan.load, env: { API_TOKEN: token } } }));
  if (a === undefined || b === undefined) throw new Error('there are two');
  expect(hash(renderSchedule(a))).toBe(hash(renderSchedule(b)));
});
