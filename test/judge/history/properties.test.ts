import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkHistory } from '../../../lib/judge/history/check-history.ts';
import { TextIndex } from '../../../lib/judge/history/text-index.ts';
import type { FinalRow, HistoryCheck, Violation } from '../../../lib/observe/history/observation.ts';
import { type WriteLine, decodeWriteLine, encodeWriteLine } from '../../../scenarios/support/write-line.ts';
import { attempted, came, historyOf, options, read } from './builders.ts';

/** One write of a store that is right: it takes effect at one moment between its attempt and its answer, or later where there is none. */
interface Write {
  readonly key: string;
  readonly account: string;
  readonly value: string;
  readonly attemptedMs: number;
  readonly endMs: number;
  readonly came: 'acknowledged' | 'refused' | 'indeterminate' | 'nothing';
  /** Undefined: it never took effect. */
  readonly effectMs: number | undefined;
}

type Injury = 'none' | 'lost' | 'duplicated' | 'corrupt';

const writeArbitrary = fc
  .record({
    account: fc.constantFrom('a', 'b', 'c'),
    value: fc.integer({ min: 1, max: 9 }).map(String),
    attemptedMs: fc.integer({ min: 0, max: 200 }),
    tookMs: fc.integer({ min: 0, max: 60 }),
    effect: fc.double({ min: 0, max: 1, noNaN: true }),
    came: fc.constantFrom('acknowledged', 'acknowledged', 'acknowledged', 'refused', 'indeterminate', 'nothing'),
    /** Of one without an answer: whether, and how late, it took effect. */
    later: fc.option(fc.integer({ min: 0, max: 100 })),
    injury: fc.constantFrom<Injury[]>('none', 'none', 'none', 'lost', 'duplicated', 'corrupt'),
  })
  .map(({ tookMs, effect, later, ...rest }) => {
    const endMs = rest.attemptedMs + tookMs;
    const done = rest.came === 'acknowledged' ? rest.attemptedMs + effect * tookMs : undefined;
    const perhaps = later === null ? undefined : rest.attemptedMs + later;
    return {
      ...rest,
      endMs,
      effectMs: rest.came === 'acknowledged' ? done : rest.came === 'refused' ? undefined : perhaps,
    };
  });

const historyArbitrary = fc
  .array(writeArbitrary, { maxLength: 40 })
  .map((writes) => writes.map((write, index) => ({ ...write, key: `entry-run-${index % 5}-${index}` })));

/** The record, in the order in which its lines were written. */
function recordOf(writes: readonly Write[]): WriteLine[] {
  return writes
    .flatMap(({ key, account, value, attemptedMs, endMs, came: event }) => [
      attempted(key, attemptedMs, { account, value }),
      ...(event === 'nothing' ? [] : [came(event, key, endMs)]),
    ])
    .toSorted((a, b) => a.atMs - b.atMs);
}

function rowsOf(writes: readonly Write[]): FinalRow[] {
  return writes
    .filter(({ effectMs }) => effectMs !== undefined)
    .toSorted((a, b) => (a.effectMs ?? 0) - (b.effectMs ?? 0))
    .map(({ key, account, value }, order) => ({ id: key, account, value, order }));
}

function check(
  lines: readonly WriteLine[],
  rows: readonly FinalRow[],
  parts: Partial<Parameters<typeof options>[0]> = {},
) {
  const broken: Partial<Record<HistoryCheck, string[]>> = {};
  const onViolation = ({ check: name, id }: Violation): void => void (broken[name] ??= []).push(id);
  const findings = checkHistory(options({ ...parts, onViolation }), lines, { store: { rows } });
  return { broken, findings };
}

/** By definition, pair by pair. */
function reorderedOf(writes: readonly Write[], rows: readonly FinalRow[]): Set<string> {
  const of = new Map(writes.map((write) => [write.key, write]));
  const reordered = new Set<string>();
  for (const [at, row] of rows.entries()) {
    const late = of.get(row.id);
    if (late?.came !== 'acknowledged') continue;
    for (const earlier of rows.slice(0, at)) {
      const other = of.get(earlier.id);
      if (other?.account === late.account && late.endMs < other.attemptedMs) reordered.add(row.id);
    }
  }
  return reordered;
}

test('a store that is right breaks no rule', () => {
  fc.assert(
    fc.property(historyArbitrary, (writes) => {
      expect(check(recordOf(writes), rowsOf(writes)).broken).toEqual({});
    }),
    { numRuns: 500 },
  );
});

test('of injected losses, duplicates, corrupted rows and rows of nobody none is missed, and none is invented', () => {
  fc.assert(
    fc.property(historyArbitrary, fc.nat(5), (writes, phantoms) => {
      const injury = new Map(writes.map((write) => [write.key, write.injury]));
      const rows = rowsOf(writes).flatMap((row): FinalRow[] => {
        switch (injury.get(row.id)) {
          case 'lost':
            return [];
          case 'duplicated':
            return [row, row];
          case 'corrupt':
            return [{ ...row, value: `${row.value}0` }];
          case 'none':
          case undefined:
            return [row];
          default:
            throw new Error('there is no other');
        }
      });
      const strangers = Array.from({ length: phantoms }, (_, index) => `phantom-${index}`);
      const all = [...rows, ...strangers.map((id) => ({ id, value: '1', order: 1_000 }))];
      const keys = (of: Injury, only: (write: Write) => boolean) =>
        writes.filter((write) => write.injury === of && only(write)).map(({ key }) => key);
      const { broken } = check(recordOf(writes), all);
      const sorted = Object.fromEntries(Object.entries(broken).map(([name, ids]) => [name, ids.toSorted()]));
      const isThere = ({ effectMs }: Write) => effectMs !== undefined;
      const expected = {
        lost: keys('lost', (write) => write.came === 'acknowledged'),
        duplicated: keys('duplicated', isThere),
        corrupt: keys('corrupt', isThere),
        unexpected: strangers,
      };
      expect(sorted).toEqual(
        Object.fromEntries(
          Object.entries(expected).flatMap(([name, ids]) => (ids.length === 0 ? [] : [[name, ids.toSorted()]])),
        ),
      );
    }),
    { numRuns: 500 },
  );
});

test('order is judged as its definition says, for any order of the rows, read in any order', () => {
  fc.assert(
    fc.property(
      historyArbitrary.chain((writes) =>
        fc.record({
          writes: fc.constant(writes),
          ids: fc.shuffledSubarray(rowsOf(writes).map(({ id }) => id)),
          readInOrder: fc.boolean(),
        }),
      ),
      ({ writes, ids, readInOrder }) => {
        const rows = ids.map((id, order): FinalRow => ({ id, order }));
        const given = readInOrder ? rows : rows.toSorted((a, b) => a.id.localeCompare(b.id));
        const { broken } = check(recordOf(writes), given);
        expect(new Set(broken.reordered ?? [])).toEqual(reorderedOf(writes, rows));
      },
    ),
    { numRuns: 500 },
  );
});

test('a load generator that takes its last records along invents nothing, and hides no loss that it has told of', () => {
  fc.assert(
    fc.property(historyArbitrary, fc.integer({ min: 0, max: 260 }), (writes, diedMs) => {
      // Virtual users do one thing after the other: their iterations are numbered in the order of their attempts.
      const numbered = writes
        .toSorted((a, b) => a.attemptedMs - b.attemptedMs)
        .map((write, index) => ({ ...write, key: `entry-run-${index % 5}-${index}` }));
      const lines = recordOf(numbered).filter((line) => line.atMs <= diedMs);
      const rows = rowsOf(numbered);
      expect(check(lines, rows, { isIncomplete: true }).broken).toEqual({});
      const told = new Set(lines.flatMap((line) => (line.event === 'acknowledged' ? [line.key] : [])));
      const gone = rows.filter(({ id }) => told.has(id)).map(({ id }) => id);
      const { broken } = check(
        lines,
        rows.filter(({ id }) => !told.has(id)),
        { isIncomplete: true },
      );
      expect(broken.lost?.toSorted() ?? []).toEqual(gone.toSorted());
    }),
    { numRuns: 500 },
  );
});

test('reads of a store that is right are never stale; one that shows less than was acknowledged is', () => {
  const readArbitrary = fc.record({
    account: fc.constantFrom('a', 'b', 'c'),
    attemptedMs: fc.integer({ min: 0, max: 300 }),
    tookMs: fc.integer({ min: 0, max: 40 }),
    less: fc.nat(3),
  });
  fc.assert(
    fc.property(historyArbitrary, fc.array(readArbitrary, { maxLength: 10 }), (writes, reads) => {
      const linesOf = (less: (of: (typeof reads)[number]) => number) => [
        ...recordOf(writes),
        ...reads.map((of) => {
          const { account, attemptedMs, tookMs } = of;
          const done = writes.filter(
            (write) => write.account === account && (write.effectMs ?? Infinity) <= attemptedMs,
          );
          return read({ account, attemptedMs, atMs: attemptedMs + tookMs, seen: Math.max(0, done.length - less(of)) });
        }),
      ];
      const history = historyOf({ reads: {} });
      const byTime = (lines: WriteLine[]) => lines.toSorted((a, b) => a.atMs - b.atMs);
      expect(check(byTime(linesOf(() => 0)), rowsOf(writes), { history }).findings.reads.violations.count).toBe(0);
      const lines = linesOf(({ less }) => less);
      const short = reads.filter(({ account, attemptedMs, less }) => {
        const of = writes.filter((write) => write.account === account);
        const acknowledged = of.filter((write) => write.came === 'acknowledged' && write.endMs < attemptedMs).length;
        const done = of.filter((write) => (write.effectMs ?? Infinity) <= attemptedMs).length;
        return Math.max(0, done - less) < acknowledged;
      });
      const { violations } = check(byTime(lines), rowsOf(writes), { history }).findings.reads;
      expect(violations.count).toBeGreaterThanOrEqual(short.length);
      if (reads.every(({ less }) => less === 0)) expect(violations.count).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test('texts are numbered as a map of them would, whatever characters they have', () => {
  const text = fc.oneof(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3, unit: 'binary' }));
  fc.assert(
    fc.property(fc.array(fc.tuple(text, fc.nat(2)), { maxLength: 4_000, size: 'max' }), (texts) => {
      const index = new TextIndex();
      const map = new Map<string, number>();
      const wrong = texts.filter(([one, tag]) => {
        const key = `${tag} ${one}`;
        const before = index.find(one, tag) === (map.get(key) ?? -1);
        if (!map.has(key)) map.set(key, map.size);
        const number = index.add(one, tag);
        return !before || number !== map.get(key) || index.textOf(number) !== one || !index.equals(number, one);
      });
      expect(wrong).toEqual([]);
      expect(index.size).toBe(map.size);
    }),
    { numRuns: 30 },
  );
});

test('lines are read as they were written, and never need to be quoted', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string()).filter((value) => value.isWellFormed());
  const time = fc.integer({ min: 0, max: 2_000_000_000_000 });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.record({
          event: fc.constant('attempted'),
          kind: text,
          key: text,
          atMs: time,
          account: text,
          value: text,
          vu: fc.nat(),
          operation: text,
        }),
        fc.record({
          event: fc.constantFrom('acknowledged', 'refused', 'indeterminate'),
          kind: text,
          key: text,
          atMs: time,
          id: text,
          value: text,
        }),
        fc.record({
          event: fc.constant('read'),
          kind: text,
          key: text,
          id: text,
          account: text,
          attemptedMs: time,
          atMs: time,
          seen: fc.nat(),
          limit: fc.nat(),
        }),
      ),
      (line) => {
        const encoded = encodeWriteLine(line);
        expect(JSON.stringify(encoded)).toBe(`"${encoded}"`);
        expect(encoded).toMatch(/^[\w %.:/@+,;=~*!'()-]+$/);
        expect(decodeWriteLine(encoded)).toEqual(line);
      },
    ),
  );
  for (const damaged of ['write attempted x', 'write lost a b 1 2 3', 'write acknowledged a b c d e', 'read a b']) {
    expect(() => decodeWriteLine(damaged)).toThrow('damaged');
  }
  expect(decodeWriteLine('wrote a letter')).toBeUndefined();
});
