import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Column, fitColumns } from '../../../reports/console/table.ts';
import { displayWidth, padEnd, padStart, truncate, wrap } from '../../../reports/console/width.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '界', '😀', 'e\u0301', '≥', '9', '%') });

test.each([
  ['abc', 3],
  ['界', 2],
  ['😀', 2],
  ['e\u0301', 1],
  ['✓ ✗ …', 5],
])('%s takes %d columns', (value, columns) => {
  expect(displayWidth(value)).toBe(columns);
});

describe('wrap', () => {
  test('breaks at spaces, and figures stay whole', () => {
    expect(wrap('99 % under 50 ms', 12)).toEqual(['99 % under', '50 ms']);
    expect(wrap('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
    expect(wrap('', 10)).toEqual(['']);
  });

  test('loses nothing but spaces, and no line is too wide', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 30 }), (value, columns) => {
        const lines = wrap(value, columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(value.replaceAll(' ', ''));
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

test('cut and padded texts have the width that was asked for', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 30 }), (value, columns) => {
      const cut = truncate(value, columns);
      expect(displayWidth(cut)).toBeLessThanOrEqual(columns);
      expect(displayWidth(padEnd(cut, columns))).toBe(columns);
      expect(displayWidth(padStart(cut, columns))).toBe(columns);
      if (displayWidth(value) <= columns) expect(cut).toBe(value);
    }),
  );
});

test('the widest column gives way first, none below its minimum', () => {
  const columns: Column[] = [
    { head: 'a', minimum: 4 },
    { head: 'b', minimum: 4 },
  ];
  expect(fitColumns(columns, [['short', 'x'.repeat(40)]], 30)).toEqual([5, 23]);
  expect(fitColumns(columns, [['x'.repeat(40), 'x'.repeat(40)]], 3)).toEqual([4, 4]);
  expect(fitColumns(columns, [['', '']], 30)).toEqual([1, 1]);
});
