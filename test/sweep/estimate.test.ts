import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimateMs } from '../../lib/sweep/estimate.ts';

test.each([
  ['before the first cell, a guess', [], 19_000],
  ['what the one cell took on top of its load', [2_000], 16_000],
  ['a first cell that built the services does not count for the rest', [90_000, 3_000, 3_500], 17_500],
  ['of two the shorter', [90_000, 3_000], 17_000],
  ['no cell ends before its load', [-4_000], 14_000],
])('%s', (_, overheads, expected) => {
  const cells = overheads.map((overhead) => ({ loadMs: 10_000, tookMs: 10_000 + overhead }));
  expect(estimateMs(14_000, cells)).toBe(expected);
});

test('lies between the fastest and the slowest so far', () => {
  const overheads = fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1 });
  fc.assert(
    fc.property(overheads, fc.nat(60_000), (list, loadMs) => {
      const guess =
        estimateMs(
          loadMs,
          list.map((overhead) => ({ loadMs: 7, tookMs: 7 + overhead })),
        ) - loadMs;
      expect(guess).toBeGreaterThanOrEqual(Math.min(...list));
      expect(guess).toBeLessThanOrEqual(Math.max(...list));
    }),
  );
});
