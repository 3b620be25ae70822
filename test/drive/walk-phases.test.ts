import { expect, test } from 'vitest';
import { walkPhases } from '../../lib/drive/walk-phases.ts';
import type { Phase } from '../../lib/plan/plan.ts';

type Traffic = NonNullable<Phase['traffic']>;

const phase = (name: string, startMs: number, traffic?: Traffic): Phase => ({
  name,
  startMs,
  endMs: startMs + 10,
  fromPerSecond: 1,
  toPerSecond: 1,
  ...(traffic === undefined ? {} : { traffic }),
});

const PHASES = [
  phase('warm-up', 0),
  phase('shadow', 10, { pricing: 'shadow' }),
  phase('steady', 20),
  phase('full', 30, { pricing: 'full' }),
];

/** Walks on a clock that stands where the test has put it. */
async function walk(switchTraffic: (traffic: Traffic) => Promise<void>, nowMs = () => 1_000) {
  const failures: string[] = [];
  const switches = await walkPhases({
    phases: PHASES,
    nowMs,
    switchTraffic,
    signal: new AbortController().signal,
    onFailure: (name, { message }) => failures.push(`${name}: ${message}`),
  });
  return { switches, failures };
}

test('phases that move traffic do so in order, the others leave it as it is', async () => {
  const asked: Traffic[] = [];
  let now = 1_000;
  const { switches, failures } = await walk(
    async (traffic) => {
      asked.push(traffic);
      now += 5;
    },
    () => now,
  );
  expect(asked).toEqual([{ pricing: 'shadow' }, { pricing: 'full' }]);
  expect(switches).toEqual([
    { phase: 'shadow', askedMs: 1_000, appliedMs: 1_005, error: undefined },
    { phase: 'full', askedMs: 1_005, appliedMs: 1_010, error: undefined },
  ]);
  expect(failures).toEqual([]);
});

test('it is not asked for before the phase begins', async () => {
  const startMs = performance.now();
  const nowMs = () => performance.now() - startMs;
  const { switches } = await walk(async () => {}, nowMs);
  const [shadow, full] = switches;
  expect(shadow?.askedMs).toBeGreaterThanOrEqual(9);
  expect(full?.askedMs).toBeGreaterThanOrEqual(29);
});

test('one that failed is told, and nothing is moved after it', async () => {
  const { switches, failures } = await walk(() => Promise.reject(new Error('HTTP 503')));
  expect(switches).toEqual([{ phase: 'shadow', askedMs: 1_000, appliedMs: undefined, error: 'HTTP 503' }]);
  expect(failures).toEqual(['shadow: HTTP 503']);
});

test.each([
  ['before its time', (): Promise<void> => Promise.resolve()],
  ['in the middle of a switch', (): Promise<void> => Promise.reject(new Error('aborted'))],
])('the end of the run %s is no failure', async (when, answer) => {
  const stop = new AbortController();
  const walking = walkPhases({
    phases: [phase('late', when === 'before its time' ? 60_000 : 0, { pricing: 'full' })],
    nowMs: () => 0,
    switchTraffic: () => {
      stop.abort();
      return answer();
    },
    signal: stop.signal,
    onFailure: () => expect.fail('it is none'),
  });
  if (when === 'before its time') stop.abort();
  expect(await walking).toEqual([]);
});
