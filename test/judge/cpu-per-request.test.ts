import { describe, expect, test } from 'vitest';
import { judgeCpuPerRequest } from '../../lib/judge/cpu-per-request.ts';
import type { Second } from '../../lib/observe/observations.ts';
import { budget, operation, second, times } from './builders.ts';
import { normal, outcomesOf, seeded } from './random.ts';

const COST = { kind: 'cpu-per-request', service: 'engine', phase: 'steady' } as const;
const AT_MOST_2MS = budget({ ...COST, atMost: '2ms' });
const DRIFT = budget({ ...COST, drift: '25%' });

interface Service {
  readonly seconds: number;
  /** CPU time of a request, by how much of the phase is over (0–1). */
  readonly costMs: (share: number) => number;
  readonly perSecond?: number;
  /** Standard deviation of a second's cost, as a share of it. */
  readonly noise?: number;
  readonly seed?: number;
}

const windows = new Map<number, ReturnType<typeof operation>>();

/** A service as it is seen: CPU time adds up and is told in ticks of 10 ms. */
function run({ seconds, costMs, perSecond = 120, noise = 0, seed = 1 }: Service): Second[] {
  const random = seeded(seed);
  const window = windows.get(perSecond) ?? operation({ okMs: times(perSecond - 1, 5), failedMs: [5] });
  windows.set(perSecond, window);
  let [usedMs, toldMs] = [0, 0];
  return Array.from({ length: seconds }, (_, t) => {
    usedMs += perSecond * costMs((t + 0.5) / seconds) * (1 + noise * normal(random));
    const before = toldMs;
    toldMs = Math.floor(usedMs / 10 + 1e-6) * 10;
    const engine = { source: 'engine', role: 'service', cpuCores: (toldMs - before) / 1_000, rssBytes: 1 } as const;
    return second({ t, operations: [window], resources: [engine] });
  });
}

const flat = (ms: number) => () => ms;
const doubling = (share: number) => 1 + share;

describe('judgeCpuPerRequest', () => {
  test.each<[string, readonly Second[], typeof AT_MOST_2MS, string, RegExp]>([
    [
      'below',
      run({ seconds: 32, costMs: flat(1.5) }),
      AT_MOST_2MS,
      'pass',
      /^1\.5 ms of CPU a request, over 3600 requests in 30 seconds$/,
    ],
    [
      'above',
      run({ seconds: 32, costMs: flat(2.5) }),
      AT_MOST_2MS,
      'fail',
      /^2\.5 ms of CPU a request, at most 2 ms of CPU allowed/,
    ],
    [
      'above by less than the ticks',
      run({ seconds: 12, costMs: flat(2.01), perSecond: 100 }),
      AT_MOST_2MS,
      'inconclusive',
      /ticks of 10 ms/,
    ],
    [
      'steady',
      run({ seconds: 60, costMs: flat(2) }),
      DRIFT,
      'pass',
      /^it drifts by .*over 6960 requests in 58 seconds$/,
    ],
    [
      'doubling',
      run({ seconds: 60, costMs: doubling }),
      DRIFT,
      'fail',
      /^it drifts by 6\d\.\d+ % \(95 %: .*at most 25 % allowed/,
    ],
    ['halving is no drift', run({ seconds: 60, costMs: (share) => 2 - share }), DRIFT, 'pass', /^it drifts by -/],
    [
      'about the limit',
      run({ seconds: 60, costMs: (share) => 2 + share / 2, noise: 0.05 }),
      DRIFT,
      'inconclusive',
      /too noisy/,
    ],
    [
      'too short for a drift',
      run({ seconds: 20, costMs: flat(2) }),
      DRIFT,
      'inconclusive',
      /^18 seconds are too short/,
    ],
    [
      'both hold',
      run({ seconds: 60, costMs: flat(1.5) }),
      { ...AT_MOST_2MS, drift: 0.25 },
      'pass',
      /^1\.5 ms.*; it drifts/,
    ],
    [
      'cheap, but drifting',
      run({ seconds: 60, costMs: doubling }),
      { ...AT_MOST_2MS, drift: 0.25 },
      'fail',
      /^it drifts/,
    ],
    ['dear, drift unknown', run({ seconds: 20, costMs: flat(3) }), { ...AT_MOST_2MS, drift: 0.25 }, 'fail', /^3 ms/],
    [
      'cheap, drift unknown',
      run({ seconds: 20, costMs: flat(1) }),
      { ...AT_MOST_2MS, drift: 0.25 },
      'inconclusive',
      /too short/,
    ],
    ['no CPU time', run({ seconds: 60, costMs: flat(0) }), DRIFT, 'inconclusive', /^no CPU time of engine was seen$/],
    [
      'few requests',
      run({ seconds: 12, costMs: flat(1), perSecond: 9 }),
      AT_MOST_2MS,
      'inconclusive',
      /^90 requests, at least 100/,
    ],
    ['never seen', [second()], AT_MOST_2MS, 'inconclusive', /^0 samples of engine/],
  ])('%s', (_, seconds, limit, outcome, reason) => {
    const check = judgeCpuPerRequest('id', limit, seconds);
    expect(check.reason).toMatch(reason);
    expect(check.outcome).toBe(outcome);
  });

  test("the phase's first and last second, whose requests may be its neighbours', are left out", () => {
    const seconds = run({ seconds: 32, costMs: flat(1.5) });
    const edges = seconds.map((same) =>
      same.t === 0 || same.t === 31
        ? { ...same, resources: same.resources.map((one) => ({ ...one, cpuCores: 9 })) }
        : same,
    );
    expect(judgeCpuPerRequest('id', AT_MOST_2MS, edges).evidence['cpuMsPerRequest']).toBeCloseTo(1.5, 6);
  });

  test('a rate that rises is no drift', () => {
    const seconds = run({ seconds: 60, costMs: flat(2) }).map((same) => {
      const amount = 40 + 4 * same.t;
      const engine = { source: 'engine', role: 'service', cpuCores: (amount * 2) / 1_000, rssBytes: 1 } as const;
      return { ...same, operations: [operation({ okMs: times(amount, 5) })], resources: [engine] };
    });
    expect(judgeCpuPerRequest('id', DRIFT, seconds)).toMatchObject({ outcome: 'pass' });
  });

  test('a few ticks that happen to come evenly show no drift, and no steadiness either', () => {
    const seconds = run({ seconds: 62, costMs: flat(0.05), perSecond: 40 });
    const check = judgeCpuPerRequest('id', DRIFT, seconds);
    expect(check.evidence['driftRatio']).toBeCloseTo(0, 6);
    expect(check.outcome).toBe('inconclusive');
  });

  test('says how long the phase would have to be', () => {
    const { hint } = judgeCpuPerRequest('id', DRIFT, run({ seconds: 60, costMs: flat(2), noise: 0.6, seed: 2 }));
    expect(hint).toMatch(/^if it goes on like this, a phase of [\d.]+[sm] decides it$/);
    expect(judgeCpuPerRequest('id', DRIFT, run({ seconds: 20, costMs: flat(2) })).hint).toBe(
      'let the phase last at least 27s',
    );
  });

  test.each([
    ['5 % noise', { perSecond: 120, noise: 0.05 }],
    ['few ticks a second', { perSecond: 40, noise: 0.05 }],
  ])('with %s over 60 s, flat passes and doubling fails', (_, parts) => {
    const flatRuns = outcomesOf(
      300,
      (seed) => judgeCpuPerRequest('id', DRIFT, run({ seconds: 60, costMs: flat(1), seed, ...parts })).outcome,
    );
    expect(flatRuns['fail']).toBe(0);
    expect(flatRuns['pass']).toBeGreaterThanOrEqual(294);
    const doublingRuns = outcomesOf(
      300,
      (seed) => judgeCpuPerRequest('id', DRIFT, run({ seconds: 60, costMs: doubling, seed, ...parts })).outcome,
    );
    expect(doublingRuns['fail']).toBeGreaterThanOrEqual(297);
  });

  test('however noisy, a flat service is red in at most 1 of 100 runs', () => {
    const outcomes = outcomesOf(
      500,
      (seed) =>
        judgeCpuPerRequest('id', { ...DRIFT, drift: 0.05 }, run({ seconds: 60, costMs: flat(2), noise: 0.3, seed }))
          .outcome,
    );
    expect(outcomes['fail']).toBeLessThanOrEqual(5 + 7);
  });
});
