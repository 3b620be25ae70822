import { describe, expect, test } from 'vitest';
import type { SweepRow } from '../../reports/model/sweep.ts';
import type { CellAnswer } from '../../lib/sweep/cell-answer.ts';
import { concludeEdge } from '../../lib/sweep/conclude-edge.ts';
import { type MeasuredCell, concludeRow } from '../../lib/sweep/conclude-row.ts';
import type { SweptKindName } from '../../lib/sweep/kinds.ts';
import { ladderOf } from '../../lib/sweep/ladder.ts';

const BROKEN = {
  title: 'quotes are fast',
  limit: '',
  measured: '',
  reason: '',
  told: 'p99 212 ms of 50 ms',
  factor: 4.24,
};
const MARKS: Readonly<Record<string, CellAnswer['answer']>> = {
  h: 'holds',
  b: 'breaks',
  n: 'no-effect',
  i: 'inconclusive',
  s: 'steady-broken',
};

/** A ladder's cells by their marks, mild to severe; "." is not measured, "f" could not be run. */
function row(marks: string, kind: SweptKindName = 'latency'): SweepRow {
  const ladder = ladderOf(kind).slice(0, marks.length);
  expect(ladder).toHaveLength(marks.length);
  const cells = marks.split('').flatMap((mark, level): MeasuredCell[] => {
    if (mark === '.') return [];
    const answer: CellAnswer = {
      answer: MARKS[mark] ?? 'inconclusive',
      reason: 'so it is',
      broken: mark === 'b' ? [BROKEN] : [],
      doubtful: false,
      ...(mark === 'b' ? { severity: 4.24 } : {}),
    };
    return [{ track: 0, level, answer, failed: mark === 'f', index: level + 1, tries: 1, folder: `cells/${level}` }];
  });
  return concludeRow({ edge: 'pricing', kind, target: 'pricing', ladder }, cells, 'the time was up');
}

describe('a kind', () => {
  test.each([
    [
      'hhbb',
      {
        answer: 'breaks',
        settled: true,
        mildest: 2,
        summary: 'breaks from latency 50ms (quotes are fast: p99 212 ms of 50 ms)',
      },
    ],
    ['bbbb', { answer: 'breaks', settled: true, mildest: 0 }],
    ['nnbb', { answer: 'breaks', settled: true, mildest: 2 }],
    [
      '...b',
      {
        answer: 'breaks',
        settled: false,
        mildest: 3,
        summary: expect.stringMatching(/^breaks at latency 100ms \(.*\); the next milder one was not measured$/),
      },
    ],
    [
      'h.ib',
      {
        answer: 'breaks',
        settled: false,
        mildest: 3,
        summary: expect.stringMatching(/the next milder one has no answer$/),
      },
    ],
    [
      'hbh.',
      {
        answer: 'breaks',
        settled: true,
        mildest: 1,
        summary: expect.stringMatching(/; but latency 50ms holds: what breaks here may be chance$/),
      },
    ],
    ['...h', { answer: 'holds', settled: false, summary: 'nothing tried breaks it, up to latency 100ms' }],
    ['...n', { answer: 'no-effect', settled: false, summary: 'touched no traffic, up to latency 100ms' }],
    ['hh.i', { answer: 'open', summary: 'latency 20ms holds; what is severer has no answer' }],
    ['....', { answer: 'open', summary: 'not measured' }],
    ['.i..', { answer: 'open', summary: 'no answer' }],
    ['.f..', { answer: 'open', summary: 'could not be tried: so it is' }],
  ])('%s', (marks, expected) => {
    expect(row(marks)).toMatchObject(expected);
    if (!marks.includes('b')) expect(row(marks)).not.toHaveProperty('mildest');
  });

  test('what was not measured says what is beside it, and never has an answer', () => {
    const missing = (marks: string) =>
      row(marks).cells.flatMap(({ answer, reason }) => (answer === 'not-measured' ? [reason] : []));
    expect(missing('h.b..')).toEqual([
      'not measured: the time was up',
      'not measured (a milder one breaks)',
      'not measured (a milder one breaks)',
    ]);
    expect(missing('.h.n')).toEqual([
      'not measured (a severer one holds)',
      'not measured (a severer one has no effect)',
    ]);
    expect(missing('.f')).toEqual(['not measured: the kind could not be tried (so it is)']);
    for (const cell of row('h.b..').cells) {
      if (cell.answer !== 'not-measured') continue;
      expect(cell).toMatchObject({ broken: [], tries: 0 });
      expect(cell).not.toHaveProperty('folder');
    }
  });

  test('a kind of one intensity is called by its name', () => {
    expect(row('b', 'down')).toMatchObject({ summary: 'breaks from down (quotes are fast: p99 212 ms of 50 ms)' });
  });
});

describe('an edge', () => {
  test.each<[string, readonly SweepRow[], string, string]>([
    [
      'the mildest of all kinds',
      [row('hhhhbbbb'), row('hbbbb', 'request-fail'), row('b', 'down')],
      'breaks',
      'mildest fault that breaks a budget: request-fail 5% (quotes are fast: p99 212 ms of 50 ms)',
    ],
    [
      'what is not settled is said',
      [row('hhhb...b'), row('....b', 'request-fail')],
      'breaks',
      'mildest fault that breaks a budget: latency 100ms (quotes are fast: p99 212 ms of 50 ms); not settled: request-fail',
    ],
    [
      'nothing breaks it',
      [row('hhhhhhhh'), row('..n', 'slow-close')],
      'holds',
      'nothing tried breaks it; no traffic touched by: slow-close',
    ],
    [
      'what breaks is known, but not the mildest',
      [row('.......b')],
      'unknown',
      'mildest fault that breaks a budget: latency 2s (quotes are fast: p99 212 ms of 50 ms); not settled: latency',
    ],
    [
      'a kind without an answer leaves it open',
      [row('hhhhhhhh'), row('.....', 'request-fail')],
      'unknown',
      'not known: nothing was seen to break it; not settled: request-fail',
    ],
    [
      'no traffic',
      [row('.......n'), row('n', 'down')],
      'unknown',
      'not known: no fault touched any traffic; is the edge in use?',
    ],
    ['not measured', [row('........')], 'unknown', 'not measured'],
    ['nothing to try', [], 'unknown', 'not measured'],
  ])('%s', (_, rows, answer, headline) => {
    expect(concludeEdge(rows)).toMatchObject({ answer, headline });
  });

  test('of two alike the first kind’s', () => {
    expect(concludeEdge([row('b', 'kill'), row('b', 'down')]).mildest).toEqual({ row: 0, cell: 0 });
  });
});
