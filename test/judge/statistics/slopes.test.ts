import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serialInflation } from '../../../lib/judge/statistics/serial-correlation.ts';
import { studentT95 } from '../../../lib/judge/statistics/student-t.ts';
import { theilSen } from '../../../lib/judge/statistics/theil-sen.ts';
import { weightedLine } from '../../../lib/judge/statistics/weighted-line.ts';
import { normal, seeded } from '../random.ts';

const points = (values: readonly number[]) => values.map((y, x) => ({ x, y }));
const weighted = (values: readonly number[]) => values.map((y, x) => ({ x, y, weight: 1 }));

/** In how many of 1 000 samples the interval misses the slope 0.5 of white noise. */
function misses(n: number, spanOf: (values: readonly number[]) => readonly [lower: number, upper: number]): number {
  let missed = 0;
  for (let seed = 1; seed <= 1_000; seed++) {
    const random = seeded(seed);
    const [lower, upper] = spanOf(Array.from({ length: n }, (_, x) => 0.5 * x + normal(random) * 3));
    if (lower > 0.5 || upper < 0.5) missed += 1;
  }
  return missed;
}

describe('studentT95', () => {
  // t(0.975, df) of statistical tables.
  test.each([
    [3, 3.182],
    [4, 2.776],
    [9, 2.262],
    [30, 2.042],
    [1_000, 1.962],
  ])('%d degrees of freedom', (df, t) => {
    expect(Math.abs(studentT95(df) - t)).toBeLessThan(0.01);
  });
});

describe('weightedLine', () => {
  test('finds a line, and is sure of it', () => {
    const line = weightedLine(weighted([1, 3, 5, 7, 9]), 0);
    expect(line.slope).toBeCloseTo(2);
    expect(line.mean).toBeCloseTo(5);
    expect(line.slopeMargin).toBeCloseTo(0);
    expect(weightedLine(weighted([1, 3, 5, 7, 9]), 0.1).slopeMargin).toBeCloseTo(3.18 * 0.1, 2);
  });

  test('a weight of 2 is a point twice', () => {
    const twice = weightedLine([...weighted([1, 4, 2, 8]), { x: 3, y: 8, weight: 1 }], 0);
    const heavy = weightedLine([...weighted([1, 4, 2]), { x: 3, y: 8, weight: 2 }], 0);
    expect([heavy.slope, heavy.mean]).toEqual([expect.closeTo(twice.slope, 9), expect.closeTo(twice.mean, 9)]);
  });

  test('misses the true slope in 5 of 100', () => {
    const missed = misses(11, (values) => {
      const { slope, slopeMargin } = weightedLine(weighted(values), 0);
      return [slope - slopeMargin, slope + slopeMargin];
    });
    expect(missed).toBeGreaterThan(25);
    expect(missed).toBeLessThan(75);
  });
});

describe('theilSen', () => {
  test('takes the median of the slopes, whatever an outlier does', () => {
    expect(theilSen(points([0, 1, 2, 3, 400, 5, 6, 7, 8, 9])).estimate).toBe(1);
  });

  test('what never changes has no slope, surely', () => {
    expect(theilSen(points(Array.from({ length: 10 }, () => 7)))).toEqual({ estimate: 0, lower: 0, upper: 0 });
  });

  // By hand, for n = 10: without ties Var(S) = 125, C = 21.9, ranks 11 and 35 of 45; with ties of 2, 2 and 5 values
  // Var(S) = 106.3, C = 20.2, ranks 12 and 34.
  test.each([
    ['without ties', [1, 9, 4, 16, 25, 20, 49, 36, 64, 81], 11, 35],
    ['with ties', [1, 0, 1, 0, 2, 2, 2, 2, 2, 3], 12, 34],
  ])('bounds are the slopes of the ranks that Sen names, %s', (_, values, lowerRank, upperRank) => {
    const all = points(values);
    const sorted = all
      .flatMap((a) => all.filter(({ x }) => x > a.x).map((b) => (b.y - a.y) / (b.x - a.x)))
      .toSorted((a, b) => a - b);
    const { lower, upper } = theilSen(all);
    expect(serialInflation(values.map((y, x) => y - theilSen(all).estimate * x))).toBe(1);
    expect([lower, upper]).toEqual([sorted[lowerRank - 1], sorted[upperRank - 1]]);
  });

  test('misses the true slope in about 5 of 100', () => {
    const missed = misses(30, (values) => {
      const { lower, upper } = theilSen(points(values));
      return [lower, upper];
    });
    expect(missed).toBeGreaterThan(15);
    expect(missed).toBeLessThan(80);
  });

  test('moves and scales with the data', () => {
    const values = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 10, maxLength: 30 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 9 }), fc.integer({ min: -99, max: 99 }), (list, factor, shift) => {
        const before = theilSen(points(list));
        const after = theilSen(points(list.map((value) => value * factor + shift)));
        expect(after.estimate).toBeCloseTo(before.estimate * factor, 6);
        expect(before.lower).toBeLessThanOrEqual(before.estimate);
        expect(before.upper).toBeGreaterThanOrEqual(before.estimate);
      }),
    );
  });
});

describe('serialInflation', () => {
  test('independent and alternating values say as much as they are many', () => {
    const random = seeded(3);
    expect(serialInflation(Array.from({ length: 60 }, () => normal(random)))).toBeLessThan(1.6);
    expect(serialInflation(Array.from({ length: 60 }, (_, index) => index % 2))).toBe(1);
    expect(serialInflation([5, 5, 5, 5, 5])).toBe(1);
  });

  test('values that stay where they are for a while say less', () => {
    expect(serialInflation(Array.from({ length: 60 }, (_, index) => Math.sin(index / 5)))).toBeGreaterThan(2);
  });
});
