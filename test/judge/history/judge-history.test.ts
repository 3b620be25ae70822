import { describe, expect, test } from 'vitest';
import { checkHistory } from '../../../lib/judge/history/check-history.ts';
import { historySection, judgeHistory } from '../../../lib/judge/history/judge-history.ts';
import type { FinalRow, HistoryObservation } from '../../../lib/observe/history/observation.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { sectionSchema } from '../../../reports/model/verdict.ts';
import type { WriteLine } from '../../../scenarios/support/write-line.ts';
import { CUT, healthy, planOf, seen } from '../builders.ts';
import { attempted, came, historyOf, options, read, wrote } from './builders.ts';

const READ = { name: 'store', startMs: 40_000, endMs: 40_100, rows: 120 };

/** 120 writes one after the other to 10 accounts, a second apart in the fault's phase. */
const LINES = Array.from({ length: 120 }, (_, index) =>
  wrote(`k${index}`, 15_000 + index * 50, 15_010 + index * 50, { account: `a${index % 10}`, value: String(index) }),
).flat();
const ROWS = Array.from({ length: 120 }, (_, index): FinalRow => ({
  id: `k${index}`,
  account: `a${index % 10}`,
  value: String(index),
  order: index,
}));

function planWith(input: object = {}): Plan {
  return { ...planOf({ faults: [CUT] }), history: historyOf({ minAcknowledged: 100, ...input }) };
}

interface Seen extends Partial<HistoryObservation> {
  readonly lines?: readonly WriteLine[];
  readonly rows?: readonly FinalRow[];
  readonly damaged?: number;
}

/** Judges what was seen, with findings from the checker itself. */
function judge(plan: Plan, { lines = LINES, rows = ROWS, damaged = 0, ...parts }: Seen = {}) {
  const { history } = plan;
  if (history === undefined) throw new Error('the plan asks for it');
  const findings = { ...checkHistory(options({ history }), lines, { store: { rows } }), damaged };
  const observations = {
    ...healthy(plan),
    faults: [seen(CUT)],
    history: { settled: [], finals: [READ], findings, ...parts },
  };
  const checks = judgeHistory(plan, observations);
  const section = historySection(plan, observations, checks);
  return { of: new Map(checks.map((check) => [check.id.replace('history:', ''), check])), checks, section };
}

const outcomes = ({ of }: ReturnType<typeof judge>) =>
  Object.fromEntries([...of].map(([id, { outcome }]) => [id, outcome]));
const ALL = ['lost', 'unexpected', 'duplicated', 'corrupt', 'reordered'].map((check) => `store:${check}`);
const every = (outcome: string) => Object.fromEntries(ALL.map((id) => [id, outcome]));

describe('checks', () => {
  test('a plan that does not ask has none', () => {
    const plan = planOf({});
    expect(judgeHistory(plan, healthy(plan))).toEqual([]);
    expect(historySection(plan, healthy(plan), [])).toBeUndefined();
  });

  test('everything there: all pass, with their catalogue id and the events behind them', () => {
    const judged = judge(planWith());
    expect(outcomes(judged)).toEqual(every('pass'));
    expect(judged.checks.every(({ catalogue, kind }) => catalogue === 'RBK-1' && kind === 'history')).toBe(true);
    expect(judged.of.get('store:lost')).toMatchObject({
      events: 120,
      measured: '0 of 120',
      limit: 'none lost',
      reason: "none among 120 acknowledged writes and 120 rows (120 of them the run's)",
    });
  });

  test('each fails by itself, and names what is wrong', () => {
    const of = (rows: readonly FinalRow[], lines: readonly WriteLine[] = LINES) => judge(planWith(), { rows, lines });
    expect(outcomes(of(ROWS.slice(1)))).toEqual({ ...every('pass'), 'store:lost': 'fail' });
    expect(outcomes(of([...ROWS, { id: 'x', account: 'a1', order: 999 }]))).toEqual({
      ...every('pass'),
      'store:unexpected': 'fail',
    });
    expect(outcomes(of([...ROWS, ROWS[119] as FinalRow]))).toEqual({ ...every('pass'), 'store:duplicated': 'fail' });
    expect(outcomes(of(ROWS.with(7, { ...(ROWS[7] as FinalRow), value: '8' })))).toEqual({
      ...every('pass'),
      'store:corrupt': 'fail',
    });
    expect(outcomes(of(ROWS.with(7, { ...(ROWS[7] as FinalRow), order: 50 })))).toEqual({
      ...every('pass'),
      'store:reordered': 'fail',
    });
    expect(of(ROWS.slice(5)).of.get('store:lost')).toMatchObject({
      measured: '5 of 120',
      reason: '5 acknowledged writes lost: k0 (not there), k1 (not there), k2 (not there), …',
      evidence: { violations: 5, ids: 'k0, k1, k2', acknowledged: 120, rows: 115, matchedRows: 115 },
    });
    // An empty store has lost everything.
    expect(outcomes(of([]))['store:lost']).toBe('fail');
  });

  test('so many as there may be are no failure', () => {
    const plan = planWith({ limits: { lost: 2 } });
    expect(judge(plan, { rows: ROWS.slice(2) }).of.get('store:lost')).toMatchObject({
      outcome: 'pass',
      limit: 'at most 2 lost',
    });
    expect(judge(plan, { rows: ROWS.slice(3) }).of.get('store:lost')?.outcome).toBe('fail');
  });

  test('only what the fields show is judged', () => {
    const finals = { store: { read: { command: ['x'] }, fields: { id: '/id' } } };
    expect([...judge(planWith({ finals })).of.keys()]).toEqual(['store:lost', 'store:unexpected', 'store:duplicated']);
  });
});

describe('inconclusive', () => {
  test('never read, or not to its end, or not compared', () => {
    const plan = planWith();
    expect(judgeHistory(plan, healthy(plan)).map(({ outcome, reason }) => `${outcome}: ${reason}`)).toEqual(
      ALL.map(() => 'inconclusive: the final state was never read'),
    );
    const broken = judge(plan, { finals: [{ ...READ, problem: 'it was not answered: HTTP 503' }], rows: [] });
    expect(outcomes(broken)).toEqual(every('inconclusive'));
    expect(broken.of.get('store:lost')?.reason).toContain('HTTP 503');
    const { history: _, ...observations } = healthy(plan);
    const unread = { ...observations, history: { settled: [], finals: [READ], problem: 'no such file' } };
    expect(judgeHistory(plan, unread).map(({ reason }) => reason)[0]).toBe(
      'the writes could not be compared with it: no such file',
    );
  });

  test('too few writes, but never too few to see that one is lost', () => {
    const few = { lines: LINES.slice(0, 40), rows: ROWS.slice(0, 20) };
    expect(outcomes(judge(planWith(), few))).toEqual(every('inconclusive'));
    expect(outcomes(judge(planWith(), { ...few, rows: ROWS.slice(1, 20) }))['store:lost']).toBe('fail');
    const none = judge(planWith(), { lines: [], rows: [] });
    expect(none.of.get('store:lost')?.reason).toBe('0 writes acknowledged, at least 100 are needed');
  });

  test('ids that are none of the run’s are a mistake in the plan before they are a loss', () => {
    const strangers = ROWS.map((row) => ({ ...row, id: `id-of-${row.id}` }));
    const judged = judge(planWith(), { rows: strangers });
    expect(outcomes(judged)).toMatchObject({ 'store:lost': 'inconclusive', 'store:unexpected': 'inconclusive' });
    expect(judged.of.get('store:lost')?.reason).toMatch(
      /would fail .* but none of the rows is a write of the run; their ids are like id-of-k0/,
    );
  });

  test('what may still be on its way is not lost; what is there twice is', () => {
    const settled = [{ title: 'GET http://x at /outbox', settled: false, tookMs: 30_000, value: '12' }];
    const judged = judge(planWith(), { settled, rows: [...ROWS.slice(1), ROWS[119] as FinalRow] });
    expect(outcomes(judged)).toMatchObject({ 'store:lost': 'inconclusive', 'store:duplicated': 'fail' });
    expect(judged.of.get('store:lost')?.reason).toMatch(
      /the system did not settle: GET http:\/\/x at \/outbox read 12 after 30 s/,
    );
    expect(outcomes(judge(planWith(), { settled }))['store:lost']).toBe('inconclusive');
  });

  test('a damaged record explains rows that nobody is known to have written', () => {
    const rows = [...ROWS, { id: 'x', account: 'a1', order: 999 }];
    expect(outcomes(judge(planWith(), { rows, damaged: 1 }))['store:unexpected']).toBe('inconclusive');
  });

  test('acknowledgements without the ids that are to find their rows', () => {
    const plan = planWith({ writes: { entry: { identity: 'id' } } });
    expect(judge(plan, { rows: [] }).of.get('store:lost')?.reason).toMatch(/120 of 120 acknowledged writes have no id/);
  });

  test('no value to compare, no two writes of one account', () => {
    const lines = LINES.map((line) => (line.event === 'attempted' ? { ...line, value: '', account: line.key } : line));
    const rows = ROWS.map(({ id, order = 0 }) => ({ id, order }));
    expect(outcomes(judge(planWith(), { lines, rows }))).toEqual({
      ...every('pass'),
      'store:corrupt': 'inconclusive',
      'store:reordered': 'inconclusive',
    });
  });
});

test('reads are judged where the plan asks for it', () => {
  const plan = planWith({ reads: { within: '1s', minReads: 2 } });
  const reads = (...seenBy: number[]) => [
    ...LINES,
    ...seenBy.map((of) => read({ key: 'k0', attemptedMs: 30_000, atMs: 30_001, seen: of })),
  ];
  const of = (...seenBy: number[]) => judge(plan, { lines: reads(...seenBy) }).of.get('stale');
  expect(of(1, 1)).toMatchObject({
    outcome: 'pass',
    id: 'history:stale',
    events: 2,
    limit: 'none later than 1 s after the acknowledgement',
  });
  expect(of(1)?.outcome).toBe('inconclusive');
  expect(of(0)).toMatchObject({
    outcome: 'fail',
    reason: expect.stringContaining('k0 (not found by a read that began 14990 ms after'),
  });
  const { of: without } = judge(planWith(), { lines: reads(0) });
  expect(without.has('stale')).toBe(false);
});

describe('the section', () => {
  test('has the final states, and each offending write with its time line', () => {
    const lines = [...LINES, attempted('open', 21_000, { account: 'a0' }), came('refused', 'open', 21_001)];
    const { section } = judge(planWith(), { lines, rows: ROWS.slice(2) });
    expect(sectionSchema.parse(section)).toEqual(section);
    expect(section).toMatchObject({
      title: 'Writes',
      note: '121 writes attempted: 120 acknowledged, 1 refused, 0 that may have been done or not.',
      checks: ALL.map((id) => `history:${id}`),
    });
    const [finals, offenders] = section?.details ?? [];
    expect(finals).toMatchObject({
      rows: [['store', 'at 40.1 s', '118', '118', '0', '0', '120', '2', '0', '0', '0', '0']],
    });
    expect(offenders).toEqual({
      kind: 'table',
      title: 'store: writes that are not as they should be',
      columns: ['what', 'id', 'key', 'account', 'attempted', 'acknowledged', 'by', 'during', 'found'],
      rows: [
        ['lost', 'k0', '–', 'a0', '15.000 s', '15.010 s', 'user 1, entry', 'fault, cut', 'not there'],
        ['lost', 'k1', '–', 'a1', '15.050 s', '15.060 s', 'user 1, entry', 'fault, cut', 'not there'],
      ],
    });
  });

  test('shows 50 of them, some of each kind; the others are in a file', () => {
    const rows = [...ROWS.slice(100), ROWS[119] as FinalRow];
    const offenders = judge(planWith(), { rows }).section?.details[1];
    if (offenders?.kind !== 'table') throw new Error('it is a table');
    expect(offenders.rows).toHaveLength(26);
    expect(new Set(offenders.rows.map(([what]) => what))).toEqual(new Set(['lost', 'duplicated']));
    expect(offenders.more).toEqual({ rows: 75, file: 'violations.ndjson' });
  });
});
