import { describe, expect, test } from 'vitest';
import { type HistoryCheckOptions, checkHistory } from '../../../lib/judge/history/check-history.ts';
import type { FinalRow, HistoryCheck, Violation } from '../../../lib/observe/history/observation.ts';
import type { WriteLine } from '../../../scenarios/support/write-line.ts';
import { FIELDS, attempted, came, historyOf, options, read, sha256, wrote } from './builders.ts';

/** Checks one final state; gives the ids that broke each rule, and the counts. */
function check(
  lines: readonly WriteLine[],
  rows: readonly FinalRow[],
  parts: Partial<HistoryCheckOptions> & { readonly before?: readonly string[] } = {},
) {
  const { before = [], ...rest } = parts;
  const all: Violation[] = [];
  const findings = checkHistory(options({ ...rest, onViolation: (violation) => void all.push(violation) }), lines, {
    store: { before, rows },
  });
  const [final] = findings.finals;
  if (final === undefined) throw new Error('there is one');
  const broken: Partial<Record<HistoryCheck, string[]>> = {};
  for (const { check: name, id } of all) (broken[name] ??= []).push(id);
  return { broken, final, findings, all };
}

const row = (id: string, parts: Partial<FinalRow> = {}): FinalRow => ({ id, account: 'a', ...parts });

describe('one final state', () => {
  test('all that was acknowledged is there: nothing is wrong', () => {
    const { broken, final } = check([...wrote('x', 0, 1), ...wrote('y', 2, 3)], [row('x'), row('y')]);
    expect(broken).toEqual({});
    expect(final).toMatchObject({ matched: 2, rows: 2, writes: { attempted: 2, acknowledged: 2 } });
  });

  test.each<[name: string, lines: WriteLine[], rows: FinalRow[], broken: Partial<Record<HistoryCheck, string[]>>]>([
    ['acknowledged and gone', wrote('x', 0, 1), [], { lost: ['x'] }],
    ['nobody has written it', wrote('x', 0, 1), [row('x'), row('y')], { unexpected: ['y'] }],
    ['there twice', wrote('x', 0, 1), [row('x'), row('x'), row('x')], { duplicated: ['x'] }],
    ['refused, and there', [attempted('x', 0), came('refused', 'x', 1)], [row('x')], { unexpected: ['x'] }],
    ['another value', wrote('x', 0, 1, { value: '5' }), [row('x', { value: '6' })], { corrupt: ['x'] }],
    ['another account', wrote('x', 0, 1), [row('x', { account: 'b' })], { corrupt: ['x'] }],
    ['timed out, not there', [attempted('x', 0), came('indeterminate', 'x', 1)], [], {}],
    ['timed out, there', [attempted('x', 0), came('indeterminate', 'x', 1)], [row('x')], {}],
    ['no word of it, there', [attempted('x', 0)], [row('x')], {}],
    ['timed out, there twice', [attempted('x', 0)], [row('x'), row('x')], { duplicated: ['x'] }],
    ['its attempt is not recorded', [came('acknowledged', 'x', 1)], [], { lost: ['x'] }],
    [
      'repeated, the second time acknowledged',
      [attempted('x', 0), came('indeterminate', 'x', 5), ...wrote('x', 6, 7)],
      [row('x')],
      {},
    ],
    [
      'timed out, then refused: it may be there',
      [attempted('x', 0), came('indeterminate', 'x', 5), attempted('x', 6), came('refused', 'x', 7)],
      [row('x')],
      {},
    ],
    [
      'no word of the first, then refused',
      [attempted('x', 0), attempted('x', 6), came('refused', 'x', 7)],
      [row('x')],
      {},
    ],
  ])('%s', (_, lines, rows, broken) => {
    expect(check(lines, rows).broken).toEqual(broken);
  });

  test("what was there before, others' accounts and what drills have written is nobody's fault", () => {
    const rows = [row('x'), row('old'), row('z', { account: 'another' }), row('drilled')];
    const { broken, final } = check(wrote('x', 0, 1), rows, { before: ['old'], otherKeys: ['drilled'] });
    expect(broken).toEqual({});
    expect(final).toMatchObject({ before: 1, foreign: 2, matched: 1 });
  });

  test('a scenario that tells no accounts writes to any', () => {
    const lines = wrote('x', 0, 1, { account: '' });
    expect(check(lines, [row('x'), row('y', { account: 'b' })]).broken).toEqual({ unexpected: ['y'] });
  });

  test('where nobody knows what was there before, only own keys are unexpected', () => {
    const finals = { store: { read: { command: ['x'] }, fields: FIELDS, initial: 'unknown' } };
    const rows = [row('entry-run-1-1'), row('entry-run-1-2'), row('else')];
    const { broken, final } = check(wrote('entry-run-1-1', 0, 1), rows, { history: historyOf({ finals }) });
    expect(broken).toEqual({ unexpected: ['entry-run-1-2'] });
    expect(final.foreign).toBe(1);
  });
});

describe('identities', () => {
  const identities = {
    writes: {
      entry: { identity: { hash: 'sha256', prefix: 'entry:', bytes: 16 } },
      order: { identity: { hash: 'sha256', prefix: 'entry:order-entry:', bytes: 16 } },
    },
  };
  const idOf = (text: string) => sha256(text).slice(0, 32);

  test('ids are made of keys, differently for each kind', () => {
    const lines = [...wrote('k', 0, 1), ...wrote('k', 2, 3, { kind: 'order' }), ...wrote('gone', 4, 5)];
    const rows = [row(idOf('entry:k')), row(idOf('entry:order-entry:k'))];
    const { broken } = check(lines, rows, { history: historyOf(identities) });
    expect(broken).toEqual({ lost: [idOf('entry:gone')] });
  });

  test('a kind that is not named is not looked at', () => {
    const lines = [...wrote('k', 0, 1), ...wrote('other', 2, 3, { kind: 'quote' })];
    expect(check(lines, [row(idOf('entry:k'))], { history: historyOf(identities) }).broken).toEqual({});
  });

  test('a final state may be of some kinds only', () => {
    const finals = { store: { read: { command: ['x'] }, fields: FIELDS, kinds: ['order'] } };
    const lines = [...wrote('k', 0, 1), ...wrote('o', 2, 3, { kind: 'order' })];
    const { broken, final } = check(lines, [row('k')], { history: historyOf({ finals }) });
    expect(broken).toEqual({ lost: ['o'] });
    expect(final).toMatchObject({ foreign: 1, matched: 0 });
  });

  describe('that the acknowledgement gives', () => {
    const history = historyOf({ writes: { entry: { identity: 'id' } } });

    test('find their rows', () => {
      const lines = [...wrote('x', 0, 1, { id: '17' }), ...wrote('y', 0, 1, { id: '18' })];
      expect(check(lines, [row('17')], { history }).broken).toEqual({ lost: ['18'] });
    });

    test('two writes with one id: one of them is lost', () => {
      const lines = [...wrote('x', 0, 1, { id: '17' }), ...wrote('y', 0, 1, { id: '17' })];
      const { all } = check(lines, [row('17')], { history });
      expect(all).toMatchObject([{ check: 'lost', key: 'y', found: 'has the id of x' }]);
    });

    test('a write that timed out explains one row that fits it', () => {
      const lines = [attempted('x', 0, { value: '5' }), came('indeterminate', 'x', 1)];
      const rows = [row('17', { value: '5' }), row('18', { value: '5' }), row('19', { value: '6' })];
      const { broken, final } = check(lines, rows, { history });
      expect(broken).toEqual({ unexpected: ['18', '19'] });
      expect(final.unrecorded).toBe(1);
    });

    test('an acknowledgement without one cannot be checked', () => {
      expect(check(wrote('x', 0, 1), [], { history }).final).toMatchObject({ unidentified: 1 });
    });
  });
});

describe('a load generator that died', () => {
  const lines = [...wrote('entry-run-1-7', 0, 1), ...wrote('entry-run-2-9', 0, 1)];
  const rows = [
    'entry-run-1-7',
    'entry-run-2-9',
    'entry-run-1-6',
    'entry-run-1-8',
    'entry-run-3-0',
    'entry-else-1-8',
    'order-run-1-7',
  ];

  test('may have written what its last record would have told', () => {
    const { broken, final } = check(
      lines,
      rows.map((id) => row(id)),
      { isIncomplete: true },
    );
    expect(broken).toEqual({ unexpected: ['entry-run-1-6', 'entry-else-1-8'] });
    expect(final.unrecorded).toBe(3);
  });

  test('one that ended well has told all', () => {
    const { broken } = check(
      lines,
      rows.map((id) => row(id)),
    );
    expect(broken.unexpected).toEqual(rows.slice(2));
  });

  test('ids that are made of keys are known before', () => {
    const history = historyOf({ writes: { entry: { identity: { hash: 'sha256' } } } });
    const hashed = rows.map((id) => row(sha256(id)));
    const { broken, final } = check(lines, hashed, { history, isIncomplete: true });
    // Nothing was recorded of virtual user 3, nor any order.
    expect(broken).toEqual({
      unexpected: ['entry-run-1-6', 'entry-run-3-0', 'entry-else-1-8', 'order-run-1-7'].map(sha256),
    });
    expect(final.unrecorded).toBe(1);
  });
});

describe('order', () => {
  const lines = [...wrote('first', 0, 10), ...wrote('second', 20, 30), ...wrote('beside', 5, 25)];
  const ordered = (...ids: string[]) => ids.map((id, order) => row(id, { order }));

  test('writes that overlap may come in either order', () => {
    for (const ids of [
      ['first', 'beside', 'second'],
      ['beside', 'first', 'second'],
      ['first', 'second', 'beside'],
    ]) {
      expect(check(lines, ordered(...ids)).broken).toEqual({});
    }
  });

  test('what was acknowledged before another was attempted must not come after it, also where rows come in no order', () => {
    const rows = ordered('second', 'first', 'beside');
    for (const given of [rows, rows.toReversed()]) {
      const { broken, all } = check(lines, given);
      expect(broken).toEqual({ reordered: ['first'] });
      expect(all[0]?.found).toBe('was acknowledged 10 ms before the attempt of, and comes after second');
    }
  });

  test('nor may what timed out come before what had been acknowledged when it was attempted', () => {
    const late = [...wrote('first', 0, 10), attempted('late', 20), came('indeterminate', 'late', 30)];
    expect(check(late, ordered('late', 'first')).broken).toEqual({ reordered: ['first'] });
    expect(check(late, ordered('first', 'late')).broken).toEqual({});
  });

  test('accounts and sources have no order among them', () => {
    const other = [...wrote('x', 0, 10, { account: 'a' }), ...wrote('y', 20, 30, { account: 'b' })];
    expect(check(other, [row('y', { order: 1, account: 'b' }), row('x', { order: 2 })]).broken).toEqual({});
    const rows = [row('second', { order: 1, source: 'go' }), row('first', { order: 2, source: 'rust' })];
    expect(check(lines.slice(0, 4), rows).broken).toEqual({});
  });

  test('times that are closer than a step of the clock have none', () => {
    const rows = ordered('second', 'first', 'beside');
    expect(check(lines, rows, { clockStepMs: -10 }).broken).toEqual({});
    expect(check(lines, rows, { clockStepMs: 9 }).broken).toEqual({ reordered: ['first'] });
  });
});

describe('reads', () => {
  const history = historyOf({ reads: { within: '10ms' } });
  const stale = (...lines: WriteLine[]) => check(lines, [row('x'), row('y')], { history }).findings.reads;

  test('of one write', () => {
    const write = wrote('x', 0, 100);
    expect(stale(...write, read({ key: 'x', attemptedMs: 111, atMs: 115 })).violations.count).toBe(1);
    expect(stale(...write, read({ id: 'x', attemptedMs: 111, atMs: 115 })).violations.count).toBe(1);
    expect(stale(...write, read({ key: 'x', attemptedMs: 110, atMs: 115 })).violations.count).toBe(0);
    expect(stale(...write, read({ key: 'x', attemptedMs: 111, seen: 1 })).violations.count).toBe(0);
    expect(stale(attempted('x', 0), read({ key: 'x', attemptedMs: 111 })).violations.count).toBe(0);
    expect(stale(...write, read({ key: 'unknown', attemptedMs: 111 })).violations.count).toBe(0);
  });

  test('of an account: no fewer than were acknowledged', () => {
    const write = [...wrote('x', 0, 100), ...wrote('y', 0, 200)];
    const of = (attemptedMs: number, seen: number, limit = 0) =>
      stale(...write, read({ account: 'a', attemptedMs, atMs: attemptedMs, seen, limit })).violations.count;
    expect([of(110, 0), of(111, 0), of(111, 1), of(211, 1), of(211, 2), of(211, 1, 1)]).toEqual([0, 1, 0, 1, 0, 0]);
  });

  test('of an account: no fewer than an earlier read has shown', () => {
    const of = (attemptedMs: number, seen: number) => read({ account: 'a', attemptedMs, atMs: attemptedMs + 5, seen });
    const write = [attempted('x', 0), attempted('y', 0)];
    expect(stale(...write, of(10, 2), of(30, 1)).violations.count).toBe(1);
    // Side by side, either may be the later one.
    expect(stale(...write, of(10, 2), of(12, 1)).violations.count).toBe(0);
  });
});

test('a violation has its time line, and says where else the write is', () => {
  const finals = Object.fromEntries(
    ['api', 'candidate'].map((name) => [name, { read: { command: ['x'] }, fields: FIELDS }]),
  );
  const all: Violation[] = [];
  checkHistory(
    options({
      history: historyOf({ finals }),
      startEpochMs: 1_000,
      onViolation: (violation) => void all.push(violation),
    }),
    wrote('x', 1_500, 1_510, { vu: 3 }),
    { api: { rows: [] }, candidate: { rows: [row('x')] } },
  );
  expect(all).toEqual([
    {
      check: 'lost',
      final: 'api',
      id: 'x',
      kind: 'entry',
      key: 'x',
      account: 'a',
      state: 'acknowledged',
      attemptedMs: 500,
      acknowledgedMs: 510,
      vu: 3,
      found: 'not there, but in candidate',
    },
  ]);
});
