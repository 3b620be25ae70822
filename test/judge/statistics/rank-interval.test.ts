import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fewestForInterval, rankInterval } from '../../../lib/judge/statistics/rank-interval.ts';
import { seeded } from '../random.ts';

describe('rankInterval', () => {
  // Of binomial tables: P(B ≤ 36) = 0.0033, P(B ≤ 37) = 0.0060 for B(100, 0.5).
  test.each([
    [100, 0.5, 37, 64],
    [8, 0.5, 1, 8],
    [7, 0.5, 0, 8],
    [527, 0.99, 515, 528],
    [528, 0.99, 516, 528],
    [10, 1, 10, 11],
    [10, 0, 0, 1],
    [0, 0.5, 0, 1],
  ])('%d values, quantile %d', (n, q, lower, upper) => {
    expect(rankInterval(n, q)).toEqual({ lower, upper });
  });

  test('the fewest values with a bound are as many as it takes', () => {
    for (const q of [0.5, 0.9, 0.99, 0.999]) {
      const n = fewestForInterval(q);
      expect(rankInterval(n, q).upper).toBeLessThanOrEqual(n);
      expect(rankInterval(n - 1, q).upper).toBe(n);
    }
    expect(fewestForInterval(1)).toBe(Infinity);
  });

  test('the approximation for many values is hardly wider than the exact one', () => {
    for (const q of [0.5, 0.95, 0.99]) {
      const [exact, rough] = [rankInterval(20_000, q), rankInterval(20_001, q)];
      expect(rough.lower).toBeLessThanOrEqual(exact.lower + 1);
      expect(rough.upper).toBeGreaterThanOrEqual(exact.upper);
      expect(rough.upper - rough.lower).toBeLessThan((exact.upper - exact.lower) * 1.1 + 3);
    }
  });

  test('holds the rank itself, and is symmetric', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 99 }), (n, percent) => {
        const { lower, upper } = rankInterval(n, percent / 100);
        expect(lower).toBeLessThanOrEqual(Math.ceil((n * percent) / 100));
        expect(upper).toBeGreaterThanOrEqual(Math.ceil((n * percent) / 100));
        const mirrored = rankInterval(n, 1 - percent / 100);
        expect(mirrored).toEqual({ lower: n + 1 - upper, upper: n + 1 - lower });
      }),
    );
  });

  test('misses the true quantile in at most 1 of 100 samples', () => {
    const random = seeded(1);
    const { lower, upper } = rankInterval(600, 0.99);
    const misses = Array.from({ length: 2_000 }, () => {
      const below = Array.from({ length: 600 }, random).filter((value) => value <= 0.99).length;
      return below < lower || below >= upper;
    }).filter(Boolean);
    expect(misses.length).toBeLessThanOrEqual(30);
    expect(misses.length).toBeGreaterThan(3);
  });
});
