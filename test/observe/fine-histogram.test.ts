import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eighthRoot } from '../../lib/observe/fine-histogram.ts';
import { countBelow, quantile } from '../../lib/observe/histogram.ts';
import { histogramOf } from './arbitraries.ts';

const durations = fc.array(fc.double({ min: Math.log(1e-4), max: Math.log(60), noNaN: true }).map(Math.exp), {
  minLength: 1,
  maxLength: 200,
});

test('what k6 counts of 8th powers are buckets 1.1 % wide of the durations', () => {
  fc.assert(
    fc.property(durations, (values) => {
      const fine = eighthRoot(histogramOf(values.map((value) => value ** 8)));
      expect(fine.schema).toBe(6);
      expect(fine.count).toBe(values.length);
      const sorted = values.toSorted((a, b) => a - b);
      for (const q of [0, 0.5, 0.9, 0.99, 1]) {
        const exact = sorted[Math.max(0, Math.ceil(q * values.length) - 1)] ?? 0;
        const told = quantile(fine, q) ?? 0;
        expect(Math.abs(told / exact - 1)).toBeLessThan(2 ** (1 / 64) - 1 + 1e-9);
      }
      const sum = values.reduce((total, value) => total + value, 0);
      expect(Math.abs(fine.sum / sum - 1)).toBeLessThan(0.006);
    }),
    { numRuns: 200 },
  );
});

test('the interval of good events holds the true count', () => {
  fc.assert(
    fc.property(durations, fc.double({ min: 0.001, max: 1, noNaN: true }), (values, limit) => {
      const fine = eighthRoot(histogramOf(values.map((value) => value ** 8)));
      const { low, high } = countBelow(fine, limit);
      // Values within rounding of the limit may fall on either side.
      const surely = values.filter((value) => value < limit * (1 - 1e-9)).length;
      const perhaps = values.filter((value) => value <= limit * (1 + 1e-9)).length;
      expect(low).toBeLessThanOrEqual(perhaps);
      expect(high).toBeGreaterThanOrEqual(surely);
    }),
  );
});
