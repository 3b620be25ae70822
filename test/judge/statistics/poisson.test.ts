import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { poissonLower, poissonUpper } from '../../../lib/judge/statistics/poisson.ts';
import { seeded } from '../random.ts';

/** P(X ≤ k) for k = 0 … last, by e^−m mᵏ ÷ k! itself; for means of which e^−m has all its digits. */
function cumulative(mean: number, last: number): number[] {
  let term = Math.exp(-mean);
  let below = term;
  const sums = [below];
  for (let k = 1; k <= last; k += 1) {
    term *= mean / k;
    below += term;
    sums.push(below);
  }
  return sums;
}

describe('poissonUpper', () => {
  // Of tables: P(X > 5) = 0.0166 and P(X > 6) = 0.0045 for a mean of 2; P(X > 0) = 0.0952 and P(X > 1) = 0.0047 for 0.1.
  test.each([
    [2, 0.02, 5],
    [2, 0.01, 6],
    [0.1, 0.1, 0],
    [0.1, 0.09, 1],
    [0, 0.01, 0],
    [-1, 0.01, 0],
    [0.01, 1e-4, 1],
  ])('mean %d, probability %d: %d', (mean, probability, number) => {
    expect(poissonUpper(mean, probability)).toBe(number);
  });

  test('is what adding up the probabilities gives', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 600, noNaN: true }), fc.integer({ min: 1, max: 7 }), (mean, digits) => {
        // Off the steps, on which the last bits would decide.
        const probability = 0.734_51 * 10 ** -digits;
        const sums = cumulative(mean, 1_200);
        expect(poissonUpper(mean, probability)).toBe(sums.findIndex((below) => 1 - below <= probability));
        const first = sums.findIndex((below) => below > probability);
        expect(poissonLower(mean, probability)).toBe(first);
      }),
    );
  });

  test('rises with the mean, and falls with the probability, without a step anywhere', () => {
    let last = poissonUpper(0.25, 1e-4);
    for (let mean = 0.5; mean < 1_500; mean += 0.25) {
      const number = poissonUpper(mean, 1e-4);
      expect(number - last).toBeGreaterThanOrEqual(0);
      expect(number - last).toBeLessThanOrEqual(2);
      expect(poissonUpper(mean, 1e-6)).toBeGreaterThanOrEqual(number);
      last = number;
    }
  });

  test('for large means it is what the normal approximation says', () => {
    // The 99.99 % quantile of the normal distribution, with the correction for skewness (Cornish–Fisher, first order).
    const z = 3.719_016;
    for (const mean of [699, 700, 701, 5_000, 1e6]) {
      const approximate = mean + z * Math.sqrt(mean) + (z ** 2 - 1) / 6;
      expect(Math.abs(poissonUpper(mean, 1e-4) - approximate)).toBeLessThan(1.5);
      const lower = mean - z * Math.sqrt(mean) + (z ** 2 - 1) / 6;
      expect(Math.abs(poissonLower(mean, 1e-4) - lower)).toBeLessThan(1.5);
    }
  });

  test('is exceeded as often as it may be', () => {
    const random = seeded(1);
    const [limit, least] = [poissonUpper(9, 0.05), poissonLower(9, 0.05)];
    let [above, below] = [0, 0];
    for (let run = 0; run < 20_000; run += 1) {
      let events = 0;
      for (let at = -Math.log(1 - random()) / 9; at < 1; at -= Math.log(1 - random()) / 9) events += 1;
      if (events > limit) above += 1;
      if (events < least) below += 1;
    }
    // P(X > 14) = 4.15 %, P(X < 4) = 2.12 % for a mean of 9.
    expect([limit, least]).toEqual([14, 4]);
    expect(above / 20_000).toBeCloseTo(0.0415, 2);
    expect(below / 20_000).toBeCloseTo(0.0212, 2);
  });
});
