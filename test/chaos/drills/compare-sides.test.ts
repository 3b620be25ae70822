import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type SideRow,
  compareSides,
  hashOfRows,
  isClean,
  persistent,
  rowHash,
} from '../../../chaos/drills/compare-sides.ts';

function row(id: number, parts: Partial<SideRow> = {}): SideRow {
  return { id: `row-${id}`, key: `account-${id % 7}`, origin: 'engine', hash: rowHash([id, 'EUR']), ...parts };
}

const rows = (count: number) => Array.from({ length: count }, (_, id) => row(id));
const ids = (numbers: readonly number[]) => new Set(numbers.map((id) => `row-${id}`));
const CLEAN = { missing: ids([]), extra: ids([]), mismatched: ids([]), duplicated: ids([]), reordered: ids([]) };

/** So many rows, and which of them something is done to. */
const some = fc
  .integer({ min: 10, max: 200 })
  .chain((count) =>
    fc.tuple(
      fc.constant(count),
      fc.uniqueArray(fc.integer({ min: 0, max: count - 1 }), { minLength: 1, maxLength: 5 }),
    ),
  );

describe('compareSides', () => {
  test('equal sides have no difference, in whatever order accounts stand between one another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 6 }), (count, shift) => {
        const source = rows(count);
        // Another interleaving of the accounts, each in its own order.
        const target = source.toSorted(
          (a, b) => ((Number(a.key?.at(-1)) + shift) % 7) - ((Number(b.key?.at(-1)) + shift) % 7),
        );
        expect(compareSides(source, target, 'both')).toEqual(CLEAN);
      }),
    );
  });

  test('finds exactly what is lost, made up, changed and doubled', () => {
    fc.assert(
      fc.property(some, ([count, chosen]) => {
        const source = rows(count);
        const isChosen = (_: SideRow, index: number) => chosen.includes(index);
        const without = source.filter((one, index) => !isChosen(one, index));
        expect(compareSides(source, without, 'both')).toEqual({ ...CLEAN, missing: ids(chosen) });
        expect(compareSides(without, source, 'both')).toEqual({ ...CLEAN, extra: ids(chosen) });
        expect(compareSides(without, source, 'forward')).toEqual(CLEAN);
        const changed = source.map((one, index) => (isChosen(one, index) ? { ...one, hash: 'other' } : one));
        expect(compareSides(source, changed, 'both')).toEqual({ ...CLEAN, mismatched: ids(chosen) });
        const doubled = source.flatMap((one, index) => (isChosen(one, index) ? [one, one] : [one]));
        expect(compareSides(source, doubled, 'both')).toEqual({ ...CLEAN, duplicated: ids(chosen) });
      }),
    );
  });

  test('finds two rows of one account in the wrong order, not those of two accounts or two origins', () => {
    const source = rows(20);
    const swapped = (a: number, b: number, parts: Partial<SideRow> = {}) => {
      const target = source.map((one) => ({ ...one }));
      [target[a], target[b]] = [row(b, parts), row(a)];
      return target;
    };
    expect(compareSides(source, swapped(3, 10), 'both')).toEqual({ ...CLEAN, reordered: ids([10]) });
    expect(compareSides(source, swapped(3, 4), 'both')).toEqual(CLEAN);
    expect(compareSides(source, swapped(3, 10, { origin: 'monolith' }), 'both').reordered).toEqual(ids([]));
    const whole = source.map((one) => ({ ...one, key: undefined }));
    expect(compareSides(whole, whole.toReversed(), 'both')).toEqual(CLEAN);
  });

  test('what was written to both sides came by no stream: it may stand anywhere', () => {
    const source = rows(20);
    const target = source.toReversed().map((one) => ({ ...one, origin: 'monolith' }));
    expect(compareSides(source, target, 'both')).toEqual(CLEAN);
  });

  test('any wrong order within an account is found', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          Array.from({ length: 30 }, (_, id) => id),
          { minLength: 2 },
        ),
        (order) => {
          const one = (id: number) => row(id, { key: 'account' });
          const source = order.toSorted((a, b) => a - b).map(one);
          const isOrdered = order.every((id, index) => index === 0 || id > (order[index - 1] ?? 0));
          expect(compareSides(source, order.map(one), 'both').reordered.size === 0).toBe(isOrdered);
        },
      ),
    );
  });

  test('one corrupt row in a million is found', () => {
    const source = Array.from({ length: 1_000_000 }, (_, id) => ({
      id: `${id}`,
      key: undefined,
      origin: '',
      hash: 'a',
    }));
    const target = source.map((one, index) => (index === 765_432 ? { ...one, hash: 'b' } : one));
    const found = compareSides(source, target, 'both');
    expect([...found.mismatched]).toEqual(['765432']);
    expect(found.missing.size + found.extra.size + found.duplicated.size).toBe(0);
  }, 60_000);
});

describe('persistent', () => {
  test('a row that was on its way is not missing; one that never came is', () => {
    const source = rows(20);
    const first = compareSides(source, source.slice(0, 15), 'both');
    const second = compareSides([...source, row(20)], source.slice(0, 19), 'both');
    expect(persistent(first, second)).toEqual({ ...CLEAN, missing: ids([19]) });
    expect(isClean(persistent(first, compareSides(source, source, 'both')))).toBe(true);
    expect(isClean(first)).toBe(false);
  });
});

describe('hashes', () => {
  test('the same fields have the same hash; another value, another type and another place have another', () => {
    expect(rowHash(['a', 1])).toBe(rowHash(['a', 1]));
    expect(
      new Set(
        [
          ['a', 1],
          ['a', '1'],
          [1, 'a'],
          ['a', 1, null],
        ].map(rowHash),
      ).size,
    ).toBe(4);
  });

  test('rows that came later do not change the hash of those that were there', () => {
    const before = rows(30);
    const among = new Set(before.map(({ id }) => id));
    const hash = hashOfRows(before, among);
    expect(hashOfRows(rows(40).toReversed(), among)).toBe(hash);
    expect(hashOfRows(before.slice(1), among)).not.toBe(hash);
    expect(hashOfRows([...before, row(3)], among)).not.toBe(hash);
  });
});
