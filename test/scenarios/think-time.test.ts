import { expect, test } from 'vitest';
import { seededRandom } from '../../scenarios/support/random.ts';
import { type ThinkTime, thinkSeconds } from '../../scenarios/support/think-time.ts';
import { chiSquareDeviate } from './chi-square.ts';

/** The 99.9 % point of a normal deviate; seeds are fixed. */
const P_999 = 3.09;

function draw(time: ThinkTime, seed: number, count: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => thinkSeconds(time, random));
}

/** Counts by tenths of the distribution: `quantile` gives its deciles. */
function deciles(values: readonly number[], quantile: (p: number) => number): number[] {
  const limits = Array.from({ length: 9 }, (_, index) => quantile((index + 1) / 10));
  const counts = Array.from({ length: 10 }, () => 0);
  for (const value of values) {
    const bin = limits.filter((limit) => limit <= value).length;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

const TENTHS = Array.from({ length: 10 }, () => 0.1);
/** Of the standard normal distribution, from tables. */
const NORMAL_DECILES = [-1.28155, -0.84162, -0.5244, -0.25335, 0, 0.25335, 0.5244, 0.84162, 1.28155];

test('constant', () => {
  expect(draw({ kind: 'constant', seconds: 1.5 }, 1, 3)).toEqual([1.5, 1.5, 1.5]);
});

test('exponential', () => {
  const values = draw({ kind: 'exponential', meanSeconds: 2 }, 1, 50_000);
  expect(
    chiSquareDeviate(
      deciles(values, (p) => -Math.log(1 - p) * 2),
      TENTHS,
    ),
  ).toBeLessThan(P_999);
});

test('log-normal', () => {
  const values = draw({ kind: 'lognormal', medianSeconds: 3, sigma: 0.6 }, 1, 50_000);
  const quantile = (p: number) => 3 * Math.exp(0.6 * (NORMAL_DECILES[Math.round(p * 10) - 1] ?? Number.NaN));
  expect(chiSquareDeviate(deciles(values, quantile), TENTHS)).toBeLessThan(P_999);
});

test('follows from the seed, and nobody waits for hours', () => {
  const time = { kind: 'lognormal', medianSeconds: 60, sigma: 3 } as const;
  expect(draw(time, 5, 100)).toEqual(draw(time, 5, 100));
  expect(draw(time, 5, 100)).not.toEqual(draw(time, 6, 100));
  expect(Math.max(...draw(time, 5, 1_000))).toBe(120);
  expect(Math.min(...draw(time, 5, 1_000))).toBeGreaterThan(0);
});
