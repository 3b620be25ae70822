import { describe, expect, test } from 'vitest';
import type { Observations, Second } from '../../../lib/observe/observations.ts';
import { healthy, operation, times } from '../builders.ts';
import { EDGE, checkOf, drillPlan, outcomesOf } from './plans.ts';
import { calls } from './traffic.ts';

const RATE = 100;
/** Steady to 10 s, candidate to 15 s, baseline to 20 s, again to 25 s. */
const plan = drillPlan(
  {
    kind: 'blue-green',
    capabilities: ['pricing'],
    edges: [{ edge: EDGE }],
    budget: { operation: 'quote', under: '100ms', atLeast: '95%' },
  },
  RATE,
);
const STEPS = ['candidate', 'baseline', 'again'];
const SWITCHES = STEPS.map((step, index) => {
  const askedMs = 10_000 + index * 5_000;
  return { phase: `blue-green-${step}`, askedMs, appliedMs: askedMs + 20, error: undefined };
});
const TRAFFIC = [...calls(EDGE, 10_010, 15_010), ...calls(EDGE, 20_010, 25_000)];
const ALL_WELL = { [EDGE]: 'pass', holds: 'pass', disruption: 'pass' };

function seenIn(parts: Partial<Observations> = {}, change?: (second: Second) => Second): Observations {
  const drills = [{ drill: 'blue-green', requests: [], probes: [] }];
  return { ...healthy(plan, change), drills, attempts: TRAFFIC, switches: SWITCHES, ...parts };
}

/** What happens in one second. */
function inSecond(t: number, change: Partial<Parameters<typeof operation>[0]>): (second: Second) => Second {
  return (same) =>
    same.t === t ? { ...same, operations: [operation({ phase: same.phase, okMs: times(RATE, 5), ...change })] } : same;
}

test('traffic that moves both ways, and breaks nothing, passes', () => {
  expect(outcomesOf(plan, seenIn())).toEqual(ALL_WELL);
  expect(checkOf(EDGE, plan, seenIn())).toMatchObject({
    catalogue: 'RBK-6',
    measured: '50.2/s, then 0/s, then 50.2/s',
  });
});

describe('traffic that', () => {
  const slowly = (t: number) => inSecond(t, { okMs: times(RATE, 300) });
  test.each<[string, Observations, Record<string, string>]>([
    ['stays', seenIn({ attempts: calls(EDGE, 10_010, 25_000) }), { [EDGE]: 'fail' }],
    ['stays a little', seenIn({ attempts: [...TRAFFIC, ...calls(EDGE, 18_000, 19_000, 2)] }), { [EDGE]: 'fail' }],
    ['moves late, but in time', seenIn({ attempts: [...TRAFFIC, ...calls(EDGE, 15_010, 16_900)] }), {}],
    ['does not come back', seenIn({ attempts: calls(EDGE, 10_010, 15_010) }), { [EDGE]: 'fail' }],
    ['never came', seenIn({ attempts: [] }), { [EDGE]: 'inconclusive' }],
    ['was not moved', seenIn({ switches: SWITCHES.slice(0, 2) }), { [EDGE]: 'inconclusive' }],
    ['is slow for a second', seenIn({}, slowly(16)), { holds: 'fail' }],
    ['fails now and then', seenIn({}, inSecond(15, { failedMs: times(3, 5) })), { disruption: 'fail' }],
    ['is slow outside of it', seenIn({}, slowly(4)), {}],
  ])('%s', (_, observations, expected) => {
    expect(outcomesOf(plan, observations)).toEqual({ ...ALL_WELL, ...expected });
  });
});
