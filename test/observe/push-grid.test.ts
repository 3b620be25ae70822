import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pushGrid } from '../../lib/observe/push-grid.ts';

test('a push belongs to the second before it', () => {
  const windowOf = pushGrid();
  expect([1_010, 2_008, 3_012].map(windowOf)).toEqual([0, 1, 2]);
});

test('each beat has its own window, whatever the beat and however late or early each push is', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -3_000, max: 1_499 }),
      fc.array(fc.integer({ min: -240, max: 240 }), { minLength: 2, maxLength: 60 }),
      (firstMs, jitters) => {
        const windowOf = pushGrid();
        const beats = jitters.map((jitter, k) => ({ beatMs: firstMs + k * 1_000, atMs: firstMs + k * 1_000 + jitter }));
        const placed = beats.map(({ beatMs, atMs }) => ({ beatMs, window: windowOf(atMs) }));
        const steps = placed.slice(1).map(({ window }, k) => window - (placed[k]?.window ?? 0));
        // Only what was pushed before the load's first second was over shares a window: the first.
        const first = placed.filter(({ window }) => window === 0).length;
        expect(steps.slice(Math.max(0, first - 1)).every((step) => step === 1)).toBe(true);
        // The middle of what a push tells is at most half a second, and the jitter, from the middle of its window.
        const off = placed.slice(first).map(({ beatMs, window }) => Math.abs(beatMs - 500 - (window + 0.5) * 1_000));
        expect(Math.max(0, ...off)).toBeLessThanOrEqual(500 + 240);
      },
    ),
  );
});

test('a gap is left as it is: what comes after it is in the window of its push', () => {
  const windowOf = pushGrid();
  expect([1_300, 2_300, 6_301, 7_299].map(windowOf)).toEqual([0, 1, 5, 6]);
});

test('nothing is before the load', () => {
  const windowOf = pushGrid();
  expect([-1_800, -800, 200].map(windowOf)).toEqual([0, 0, 0]);
});
