import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BESIDE, SIZES, WIDTHS, placeLabels, textWidth } from '../../../reports/html/charts/fit-labels.ts';

const ROWS = 2;

test('whatever the names: none over another, none outside, no line through a name', () => {
  const label = fc.record({
    text: fc.constantFrom('opened', 'probe', 'closed', 'a longer name than usual'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(label, { maxLength: 40 }), fc.constantFrom(...SIZES), (labels, size) => {
      const plot = WIDTHS[size];
      const placed = placeLabels(labels, size, ROWS).map(({ text, at, row, anchor }) => {
        const line = at * plot;
        const left = anchor === 'start' ? line + BESIDE : line - BESIDE - textWidth(text);
        return { line, row, left, right: left + textWidth(text) };
      });
      for (const [index, one] of placed.entries()) {
        expect(one.row).toBeLessThan(ROWS);
        expect(one.left).toBeGreaterThanOrEqual(0);
        expect(one.right).toBeLessThanOrEqual(plot + 1e-6);
        for (const other of placed.toSpliced(index, 1)) {
          if (one.row === other.row) expect(one.left >= other.right || other.left >= one.right).toBe(true);
          else if (one.row > other.row) expect(one.line <= other.left || one.line >= other.right).toBe(true);
        }
      }
    }),
  );
});

test('of many that are alike some go without a name, but not what is there once', () => {
  const probes = Array.from({ length: 20 }, (_, index) => ({ text: 'probe', at: 0.1 + index * 0.01 }));
  const placed = placeLabels([{ text: 'opened', at: 0.09 }, ...probes, { text: 'closed', at: 0.3 }], 'small', ROWS);
  const texts = placed.map(({ text }) => text);
  expect(texts).toEqual(expect.arrayContaining(['opened', 'probe', 'closed']));
  expect(texts.length).toBeLessThan(22);
});

test('where there is room every name is there, in the row next to the plot', () => {
  const labels = ['opened', 'probe', 'probe', 'closed'].map((text, index) => ({ text, at: 0.1 + index * 0.2 }));
  expect(placeLabels(labels, 'large', ROWS)).toEqual(labels.map((label) => ({ ...label, row: 0, anchor: 'start' })));
});

test('a long name makes room for those under it', () => {
  const probes = [0.2, 0.28, 0.36].map((at) => ({ text: 'probe', at }));
  const placed = placeLabels([{ text: 'opened after 90 ms', at: 0.15 }, ...probes], 'medium', ROWS);
  expect(placed.map(({ text, row }) => `${text} ${row}`)).toEqual([
    'opened after 90 ms 1',
    'probe 0',
    'probe 0',
    'probe 0',
  ]);
});
