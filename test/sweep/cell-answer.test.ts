import { describe, expect, test } from 'vitest';
import type { Check, Verdict } from '../../reports/model/verdict.ts';
import { type CellAnswer, answerOf, needsSecondTry, settle } from '../../lib/sweep/cell-answer.ts';

type Outcome = Check['outcome'];

const PHASES = { steady: 'steady', fault: 'fault' };

function check(parts: Partial<Check> & Pick<Check, 'kind' | 'outcome'>): Check {
  return {
    id: parts.kind,
    title: parts.kind,
    reason: `it is ${parts.outcome}`,
    limit: '',
    measured: '',
    events: 1,
    evidence: {},
    ...parts,
  };
}

interface Seen {
  readonly steady?: Outcome;
  readonly fault?: Outcome;
  readonly effect?: Outcome;
  readonly generator?: Outcome;
  readonly system?: Outcome;
  readonly injected?: boolean;
}

function cellOf(seen: Seen): CellAnswer {
  const {
    steady = 'pass',
    fault = 'pass',
    effect = 'pass',
    generator = 'pass',
    system = 'pass',
    injected = true,
  } = seen;
  const evidence = { underMs: 50, atLeastRatio: 0.99, goodLow: 50, goodHigh: 50, total: 100, p99Ms: 212 };
  const checks = [
    check({ kind: 'latency', title: 'quotes before', phase: 'steady', outcome: steady }),
    check({ kind: 'latency', title: 'quotes', phase: 'fault', outcome: fault, evidence }),
    check({ kind: 'fault-effect', outcome: effect }),
    check({ kind: 'generator', outcome: generator }),
    check({ kind: 'integrity', title: 'no service died', outcome: system }),
  ];
  const faults: Verdict['faults'] = [
    { name: 'f', startMs: 0, endMs: 1, detail: `latency 5ms on a${injected ? '' : ' (not injected)'}` },
  ];
  return answerOf({ checks, faults }, PHASES);
}

describe('a cell’s answer', () => {
  test.each<[string, Seen, Partial<CellAnswer>]>([
    ['holds', {}, { answer: 'holds', reason: 'every budget held: it is pass', broken: [] }],
    ['breaks', { fault: 'fail' }, { answer: 'breaks', reason: 'quotes: it is fail', severity: 4.24 }],
    ['no effect', { effect: 'inconclusive' }, { answer: 'no-effect', reason: 'it is inconclusive' }],
    ['no answer', { fault: 'inconclusive' }, { answer: 'inconclusive', reason: 'quotes: it is inconclusive' }],
    ['a generator that was not healthy', { generator: 'inconclusive' }, { answer: 'inconclusive' }],
    [
      'a generator that was not healthy, nothing felt',
      { generator: 'inconclusive', effect: 'inconclusive' },
      { answer: 'inconclusive' },
    ],
    [
      'a steady phase that broke',
      { steady: 'fail', fault: 'inconclusive', effect: 'inconclusive' },
      { answer: 'steady-broken', reason: 'quotes before: it is fail' },
    ],
    ['a steady phase that broke, before anything else', { steady: 'fail', fault: 'fail' }, { answer: 'steady-broken' }],
    [
      'a service that died of it',
      { system: 'fail', fault: 'inconclusive' },
      { answer: 'breaks', reason: 'no service died: it is fail' },
    ],
    [
      'a service that died before',
      { system: 'fail', fault: 'inconclusive', effect: 'inconclusive', injected: false },
      { answer: 'inconclusive', doubtful: false },
    ],
    [
      'a budget that broke, by a fault that was not seen',
      { fault: 'fail', effect: 'inconclusive' },
      { answer: 'inconclusive', doubtful: true },
    ],
  ])('%s', (_, seen, answer) => {
    expect(cellOf(seen)).toMatchObject(answer);
  });

  test('names the budget that broke, with how far over it is', () => {
    expect(cellOf({ fault: 'fail' }).broken).toEqual([
      { title: 'quotes', limit: '', measured: '', reason: 'it is fail', told: 'p99 212 ms of 50 ms', factor: 4.24 },
    ]);
  });

  test('a steady phase in doubt is the reason for what was not reached after it', () => {
    const reason = cellOf({ steady: 'inconclusive', fault: 'inconclusive', effect: 'inconclusive' }).reason;
    expect(reason).toBe('quotes before: it is inconclusive');
    // But what was reached and held is not doubted for it.
    expect(cellOf({ steady: 'inconclusive' })).toMatchObject({ answer: 'holds' });
  });

  test('without any budget of the fault’s phase there is none', () => {
    const effect = check({ kind: 'fault-effect', outcome: 'pass' });
    expect(answerOf({ checks: [effect], faults: [] }, PHASES)).toMatchObject({ answer: 'inconclusive' });
    expect(answerOf({ checks: [], faults: [] }, PHASES)).toMatchObject({ answer: 'inconclusive' });
  });
});

describe('the second try', () => {
  const doubtful = cellOf({ fault: 'fail', effect: 'inconclusive' });

  test.each<[Seen, boolean]>([
    [{}, false],
    [{ fault: 'fail' }, false],
    [{ effect: 'inconclusive' }, false],
    [{ fault: 'inconclusive' }, true],
    [{ steady: 'fail' }, true],
    [{ fault: 'fail', effect: 'inconclusive' }, true],
  ])('%j: %s', (seen, wanted) => {
    expect(needsSecondTry(cellOf(seen))).toBe(wanted);
  });

  test('its answer is the answer', () => {
    expect(settle(cellOf({ steady: 'fail' }), cellOf({}))).toEqual(cellOf({}));
    expect(settle(doubtful, cellOf({ effect: 'inconclusive' }))).toMatchObject({ answer: 'no-effect' });
    expect(settle(cellOf({ fault: 'inconclusive' }), doubtful)).toMatchObject({ answer: 'inconclusive' });
  });

  test('a budget that breaks both times breaks', () => {
    expect(settle(doubtful, doubtful)).toMatchObject({ answer: 'breaks', severity: 4.24, doubtful: false });
    expect(settle(doubtful, doubtful).reason).toMatch(/^broke twice: quotes: it is fail; but the fault was not shown/);
  });
});
