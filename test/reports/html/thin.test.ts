import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderHtml } from '../../../reports/html/html.ts';
import { MAX_POINTS, thinTimeline } from '../../../reports/html/charts/thin.ts';
import type { Timeline } from '../../../reports/model/verdict.ts';
import { passed } from '../fixtures.ts';
import { noise, timelineOf } from '../series.ts';

type Line = (number | null)[];

function timelineWith(line: Line): Timeline {
  const { timeline } = passed();
  const t = [...line.keys()];
  return { ...timeline, t, load: { offered: line, achieved: line, dropped: line }, startLag: line };
}

test('a run of some minutes is left as it is', () => {
  const { timeline } = passed();
  expect(thinTimeline(timeline)).toBe(timeline);
});

test('whatever the line: few points, the same extremes, gaps that stay, times that go up and end where the run ended', () => {
  // Whole arrays of that length would be slow to make: a length, a seed and how often there is a gap.
  const line = fc
    .tuple(fc.integer({ min: MAX_POINTS + 1, max: 9_000 }), fc.integer(), fc.constantFrom(0, 0.001, 0.1, 1))
    .map(([length, seed, gaps]): Line => {
      const random = noise(seed);
      return Array.from({ length }, () => (random() < gaps ? null : random() * 1_000 - 500));
    });
  const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
  fc.assert(
    fc.property(line, (values) => {
      const thin = thinTimeline(timelineWith(values));
      const shown = thin.load.offered;
      expect(shown.length).toBeLessThanOrEqual(MAX_POINTS);
      expect(thin.t).toHaveLength(shown.length);
      expect(Math.min(...known(shown))).toBe(Math.min(...known(values)));
      expect(Math.max(...known(shown))).toBe(Math.max(...known(values)));
      expect(shown.includes(null)).toBe(values.includes(null));
      expect(thin.t).toEqual(thin.t.toSorted((a, b) => a - b));
      expect([thin.t[0], thin.t.at(-1)]).toEqual([0, values.length - 1]);
    }),
    { numRuns: 30 },
  );
});

test('a single second stands out in a day', () => {
  const values = Array.from({ length: 86_400 }, (_, index) => (index === 40_000 ? 1 : index === 70_000 ? null : 0));
  const thin = thinTimeline(timelineWith(values));
  const peak = thin.load.offered.indexOf(1);
  expect(Math.abs((thin.t[peak] ?? 0) - 40_000)).toBeLessThan(86_400 / 400 + 1);
  expect(thin.load.offered.filter((value) => value === null)).toHaveLength(1);
});

test('two hours of eight operations are a page of less than 1.5 MB that says what is left out', async () => {
  const phases = [{ name: 'steady', startMs: 0, endMs: 7_200_000, detail: '100/s' }];
  const operations = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`operation-${index}`, 2 + index]));
  const timeline = timelineOf({ seconds: 7_200, phases, faults: [], operations });
  const page = await renderHtml({ ...passed(), phases, operations: [], timeline });
  expect(page.length).toBeLessThan(1_500_000);
  expect(page).toContain('Of every 18 s the lowest and the highest value are drawn.');
  expect(await renderHtml(passed())).not.toContain('Of every');
});
