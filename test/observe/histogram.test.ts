import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addHistograms, countBelow, emptyHistogram, quantile, subtractHistogram } from '../../lib/observe/histogram.ts';
import { histogramOf, histograms, samples, seconds } from './arbitraries.ts';

const WIDTH = 2 ** (1 / 8);

describe('quantile', () => {
  test('lies in the bucket of the exact quantile of the raw samples', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 0, max: 1_000 }), (values, perMille) => {
        const rank = Math.max(1, Math.ceil((perMille * values.length) / 1_000));
        const exact = values.toSorted((a, b) => a - b)[rank - 1] ?? Number.NaN;
        const estimate = quantile(histogramOf(values), perMille / 1_000) ?? Number.NaN;
        if (exact === 0) {
          expect(estimate).toBeLessThan(1e-30);
        } else {
          expect(estimate).toBeLessThanOrEqual(exact * WIDTH * (1 + 1e-12));
          expect(estimate).toBeGreaterThanOrEqual((exact / WIDTH) * (1 - 1e-12));
        }
      }),
    );
  });

  test('rises with the share', () => {
    fc.assert(
      fc.property(
        samples,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, a, b) => {
          const histogram = histogramOf(values);
          const [low, high] = [Math.min(a, b), Math.max(a, b)];
          expect(quantile(histogram, low)).toBeLessThanOrEqual((quantile(histogram, high) ?? 0) * (1 + 1e-12));
        },
      ),
    );
  });

  test('of nothing is undefined', () => {
    expect(quantile(emptyHistogram(), 0.5)).toBeUndefined();
  });

  test('is interpolated geometrically within the bucket', () => {
    // Bucket 0 of schema 0 is (0.5, 1]; half of its events lie below its geometric middle.
    const histogram = { ...histogramOf([], 0), count: 4, buckets: [[0, 4]] as const };
    expect(quantile(histogram, 0.5)).toBeCloseTo(Math.SQRT1_2, 12);
    expect(quantile(histogram, 1)).toBe(1);
  });
});

describe('countBelow', () => {
  test('is an interval that contains the true count', () => {
    fc.assert(
      fc.property(samples, seconds, (values, threshold) => {
        const exact = values.filter((value) => value <= threshold).length;
        const { low, high } = countBelow(histogramOf(values), threshold);
        expect(low).toBeLessThanOrEqual(exact);
        expect(high).toBeGreaterThanOrEqual(exact);
      }),
    );
  });

  test('is exact on the edge of a bucket, and else open by one bucket', () => {
    const histogram = histogramOf([0, 0.06, 0.125, 0.126, 0.3]);
    expect(countBelow(histogram, 0.125)).toEqual({ low: 3, high: 3 });
    expect(countBelow(histogram, 0.13)).toEqual({ low: 3, high: 4 });
    expect(countBelow(histogram, 10)).toEqual({ low: 5, high: 5 });
    expect(countBelow(histogram, 0)).toEqual({ low: 0, high: 1 });
    expect(countBelow(emptyHistogram(), 1)).toEqual({ low: 0, high: 0 });
  });
});

describe('addHistograms', () => {
  test('is commutative and associative, also across resolutions', () => {
    fc.assert(
      fc.property(histograms, histograms, histograms, (a, b, c) => {
        expect(addHistograms(a, b).buckets).toEqual(addHistograms(b, a).buckets);
        expect(addHistograms(addHistograms(a, b), c).buckets).toEqual(addHistograms(a, addHistograms(b, c)).buckets);
        const { count, sum, zeroCount } = addHistograms(addHistograms(a, b), c);
        const other = addHistograms(a, addHistograms(b, c));
        expect({ count, sum, zeroCount }).toEqual({ count: other.count, sum: other.sum, zeroCount: other.zeroCount });
      }),
    );
  });

  test('counts both sides, in the coarser resolution as if they had been counted there', () => {
    fc.assert(
      fc.property(
        samples,
        samples,
        fc.integer({ min: -2, max: 5 }),
        fc.integer({ min: -2, max: 5 }),
        (a, b, sa, sb) => {
          const added = addHistograms(histogramOf(a, sa), histogramOf(b, sb));
          const direct = histogramOf([...a, ...b], Math.min(sa, sb));
          expect({ ...added, sum: 0 }).toEqual({ ...direct, sum: 0 });
          expect(added.sum).toBeCloseTo(direct.sum, 6);
        },
      ),
    );
  });

  test('an empty one changes nothing', () => {
    fc.assert(
      fc.property(histograms, (a) => {
        fc.pre(a.count > 0);
        expect(addHistograms(a, emptyHistogram())).toEqual(a);
        expect(addHistograms(emptyHistogram(), a)).toEqual(a);
      }),
    );
  });
});

describe('subtractHistogram', () => {
  test('gives back what was added', () => {
    fc.assert(
      fc.property(histograms, histograms, (a, b) => {
        fc.pre(b.count > 0 && a.count > 0 && a.schema >= b.schema);
        const { buckets, count, zeroCount, sum } = subtractHistogram(addHistograms(a, b), a);
        expect({ buckets, count, zeroCount, sum }).toEqual({
          buckets: b.buckets,
          count: b.count,
          zeroCount: b.zeroCount,
          sum: b.sum,
        });
      }),
    );
  });

  test.each([
    ['fewer events in all', histogramOf([0.1, 0.2]), histogramOf([0.1])],
    ['fewer in one bucket', histogramOf([0.1, 0.1]), histogramOf([0.1, 0.2, 0.3])],
    ['fewer at zero', histogramOf([0, 0.1]), histogramOf([0.1, 0.1])],
    ['a finer resolution', histogramOf([0.1], 2), histogramOf([0.1, 0.2], 3)],
  ])('takes all of the later one after a reset: %s', (_, earlier, later) => {
    expect(subtractHistogram(later, earlier)).toBe(later);
  });
});
