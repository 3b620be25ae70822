import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binned } from '../../lib/judge/bins.ts';

const at = (...times: readonly number[]) => times.map((t) => ({ t }));
const upTo = (n: number) => at(...Array.from({ length: n }, (_, t) => t));

describe('binned', () => {
  test.each([
    ['even bins', upTo(10), 5, 40, [5, 5]],
    ['the rest is more than half', upTo(13), 5, 40, [5, 5, 3]],
    ['the rest is less', upTo(12), 5, 40, [5, 5]],
    ['a gap', at(0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 14), 5, 40, [5, 5]],
    ['not too many bins', upTo(100), 5, 10, [10, 10, 10, 10, 10, 10, 10, 10, 10, 10]],
    ['nothing', [], 5, 10, []],
  ])('%s', (_, items, leastSeconds, mostBins, sizes) => {
    expect(binned(items, { leastSeconds, mostBins }).map((bin) => bin.length)).toEqual(sizes);
  });

  test('bins are in the order of time, and never too many', () => {
    const times = fc.uniqueArray(fc.nat(2_000), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(times, fc.integer({ min: 2, max: 50 }), (list, mostBins) => {
        const bins = binned(at(...list), { leastSeconds: 2, mostBins });
        expect(bins.length).toBeLessThanOrEqual(mostBins);
        const last = bins.map((bin) => Math.max(...bin.map(({ t }) => t)));
        const first = bins.map((bin) => Math.min(...bin.map(({ t }) => t)));
        for (const [index, start] of first.slice(1).entries()) expect(start).toBeGreaterThan(last[index] ?? Infinity);
      }),
    );
  });
});
