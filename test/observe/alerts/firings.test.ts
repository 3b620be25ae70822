import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firingsOf, longestGapMs } from '../../../lib/observe/alerts/firings.ts';

describe('stretches of firing samples', () => {
  test.each([
    ['none', [], []],
    ['one sample', [1_000], [{ firedMs: 1_000, resolvedMs: 1_500 }]],
    [
      'two stretches',
      [1_000, 1_500, 4_000, 4_500],
      [
        { firedMs: 1_000, resolvedMs: 2_000 },
        { firedMs: 4_000, resolvedMs: 5_000 },
      ],
    ],
    ['one sample late, and one lost', [1_000, 1_600, 2_500], [{ firedMs: 1_000, resolvedMs: 3_000 }]],
    ['up to the end', [9_000, 9_500], [{ firedMs: 9_000 }]],
  ])('%s', (_, timesMs, firings) => expect(firingsOf(timesMs, 500, 10_000)).toEqual(firings));

  test('are as long as they were, however many', () => {
    // Numbers of evaluations with and without the alert, in turn; three without are an end that can't be mistaken.
    const lengths = fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 3, max: 20 })), {
      maxLength: 10,
    });
    fc.assert(
      fc.property(lengths, (stretches) => {
        let at = 0;
        const expected: { firedMs: number; resolvedMs: number }[] = [];
        const samples = stretches.flatMap(([firing, pause]) => {
          const own = Array.from({ length: firing }, (_, index) => (at + index) * 1_000);
          expected.push({ firedMs: at * 1_000, resolvedMs: (at + firing) * 1_000 });
          at += firing + pause;
          return own;
        });
        expect(firingsOf(samples, 1_000, at * 1_000)).toEqual(expected);
      }),
    );
  });
});

test.each([
  [[], 10_000],
  [[2_000, 4_000, 9_000], 5_000],
  [[-1_000, 1_000, 9_500, 20_000], 8_500],
])('the longest gap of %j', (timesMs, gapMs) => expect(longestGapMs(timesMs, 0, 10_000)).toBe(gapMs));
