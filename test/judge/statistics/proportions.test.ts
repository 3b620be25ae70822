import { describe, expect, test } from 'vitest';
import { lowerDifference, lowerShare, upperDifference, upperShare } from '../../../lib/judge/statistics/proportions.ts';
import { seeded } from '../random.ts';

describe('bounds of one share', () => {
  // From R: binom.test(hits, of, alternative = …, conf.level = 0.95)$conf.int; 1 − 0.05^(1/n) where there are no hits.
  test.each([
    [0, 10, 0, 0.258866],
    [1, 10, 0.0051162, 0.394163],
    [5, 10, 0.2224411, 0.7775589],
    [10, 10, 0.7411344, 1],
    [0, 2995, 0, 0.0009997],
  ])('%d of %d', (hits, of, lower, upper) => {
    expect(lowerShare({ hits, of }, 0.05)).toBeCloseTo(lower, 4);
    expect(upperShare({ hits, of }, 0.05)).toBeCloseTo(upper, 4);
  });

  test('nothing counted says nothing', () => {
    expect([lowerShare({ hits: 0, of: 0 }, 0.05), upperShare({ hits: 0, of: 0 }, 0.05)]).toEqual([0, 1]);
  });

  test('mirror each other, also where there are many', () => {
    for (const [hits, of] of [
      [0, 4_000],
      [3, 4_000],
      [1_999, 4_000],
      [3_998, 4_000],
    ] as const) {
      expect(upperShare({ hits, of }, 0.01)).toBeCloseTo(1 - lowerShare({ hits: of - hits, of }, 0.01), 9);
    }
  });
});

describe('bounds of a difference', () => {
  test('of what never differs is that of one share', () => {
    const never = { hits: 0, of: 3_000 };
    expect(upperDifference(never, never, 0.05)).toBeCloseTo(upperShare(never, 0.05), 12);
    expect(lowerDifference(never, never, 0.05)).toBeCloseTo(-upperShare(never, 0.05), 12);
  });

  test.each([
    [0.0005, 0.0005],
    [0.02, 0.02],
    [0.5, 0.5],
    [0.05, 0.01],
    [0.9, 0.95],
  ])('hold the true one as often as they say (%d and %d)', (a, b) => {
    const random = seeded(Math.round(a * 10_000 + b));
    const of = 800;
    const draw = (p: number) => ({ hits: Array.from({ length: of }, () => random() < p).filter(Boolean).length, of });
    const runs = 400;
    let [above, below] = [0, 0];
    for (let run = 0; run < runs; run += 1) {
      const [one, other] = [draw(a), draw(b)];
      if (lowerDifference(one, other, 0.05) > a - b) above += 1;
      if (upperDifference(one, other, 0.05) < a - b) below += 1;
    }
    // 5 % each, and what 400 runs are off by.
    expect(above / runs).toBeLessThan(0.09);
    expect(below / runs).toBeLessThan(0.09);
  });
});
