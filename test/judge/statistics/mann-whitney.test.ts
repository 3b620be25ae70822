import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundRank, nullDistribution, shiftBetween } from '../../../lib/judge/statistics/mann-whitney.ts';
import { normal, seeded } from '../random.ts';

/** Every way to choose the ranks of the first sample, and the U of each. */
function bruteForce(n: number, m: number): number[] {
  const counts: number[] = Array.from({ length: n * m + 1 }, () => 0);
  const choose = (from: number, left: number, rankSum: number): void => {
    if (left === 0) {
      const u = rankSum - (n * (n + 1)) / 2;
      counts[u] = (counts[u] ?? 0) + 1;
      return;
    }
    for (let rank = from; rank <= n + m - left + 1; rank += 1) choose(rank + 1, left - 1, rankSum + rank);
  };
  choose(1, n, 0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

describe('the distribution of U when both are the same', () => {
  test.each([
    [1, 1],
    [2, 3],
    [4, 4],
    [3, 7],
    [6, 6],
    [5, 9],
  ])('%d and %d values: as counted one by one', (n, m) => {
    const exact = bruteForce(n, m);
    const told = nullDistribution(n, m);
    expect(told).toHaveLength(exact.length);
    for (const [u, probability] of exact.entries()) expect(told[u]).toBeCloseTo(probability, 12);
  });

  test.each([
    [6, 6],
    [16, 16],
    [30, 30],
    [60, 40],
    [200, 200],
  ])('%d and %d values: adds up to 1 and is symmetric', (n, m) => {
    const told = nullDistribution(n, m);
    expect(told.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
    for (const [u, p] of told.entries()) expect(p).toBeCloseTo(told[n * m - u] ?? -1, 9);
  });

  test('critical values of the published table (two-sided 5 %)', () => {
    // U ≤ 5 for 6 and 6, ≤ 23 for 10 and 10, ≤ 127 for 20 and 20: the bound is the next rank.
    const ranks = [6, 10, 20].map((size) => boundRank(nullDistribution(size, size), 0.025));
    expect(ranks).toEqual([6, 24, 128]);
  });
});

const sample = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 6, maxLength: 12 });
const TAILS = { lowerTail: 0.01, upperTail: 0.025 };

test('a sample that is moved moves the estimate and the bounds with it', () => {
  fc.assert(
    fc.property(sample, sample, fc.integer({ min: -50, max: 50 }), (a, b, by) => {
      const before = shiftBetween(a, b, TAILS);
      const after = shiftBetween(
        a,
        b.map((value) => value + by),
        TAILS,
      );
      expect(after.estimate).toBeCloseTo(before.estimate + by, 6);
      expect(after.lower).toBeCloseTo(before.lower + by, 6);
      expect(after.upper).toBeCloseTo(before.upper + by, 6);
    }),
  );
});

test('the other way round is the same with the sign turned', () => {
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      const forth = shiftBetween(a, b, { lowerTail: 0.025, upperTail: 0.025 });
      const back = shiftBetween(b, a, { lowerTail: 0.025, upperTail: 0.025 });
      expect(forth.estimate).toBeCloseTo(-back.estimate, 9);
      expect(forth.lower).toBeCloseTo(-back.upper, 9);
    }),
  );
});

test('samples too small for the confidence have no bound', () => {
  expect(shiftBetween([1, 2], [3, 4], TAILS)).toMatchObject({ lower: Number.NEGATIVE_INFINITY });
});

test.each([6, 10, 24])('%d values each: the bounds miss the true shift as often as they may', (size) => {
  const random = seeded(size);
  const runs = 4_000;
  let [tooHigh, tooLow] = [0, 0];
  for (let run = 0; run < runs; run += 1) {
    const draw = () => Array.from({ length: size }, () => normal(random));
    const { lower, upper } = shiftBetween(draw(), draw(), TAILS);
    if (lower > 0) tooHigh += 1;
    if (upper < 0) tooLow += 1;
  }
  // Three standard deviations of the simulation on top.
  expect(tooHigh / runs).toBeLessThanOrEqual(0.01 + 3 * Math.sqrt((0.01 * 0.99) / runs));
  expect(tooLow / runs).toBeLessThanOrEqual(0.025 + 3 * Math.sqrt((0.025 * 0.975) / runs));
  // And they are not far too wide either.
  expect(tooLow / runs).toBeGreaterThan(size < 10 ? 0.01 : 0.017);
});
