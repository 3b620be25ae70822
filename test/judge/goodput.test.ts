import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeGoodput } from '../../lib/judge/goodput.ts';
import type { Second } from '../../lib/observe/observations.ts';
import { budget, operation, phases, planOf, second, times } from './builders.ts';

const GOODPUT = budget({
  kind: 'goodput',
  operation: 'quote',
  phase: 'overload',
  against: 'peak',
  under: '93ms',
  atLeast: '90%',
});
const PLAN = planOf({ phases: phases(['peak', 10, 100], ['overload', 20, 300]) });

interface Rates {
  readonly good: number;
  readonly slow?: number;
  readonly failed?: number;
  readonly dropped?: number;
  /** What was counted; default: nothing was. */
  readonly counted?: number;
}

/** The whole phase, of so many requests a second. */
function run(phase: string, fromS: number, lengthS: number, offered: number, rates: Rates): Second[] {
  const { good, slow = 0, failed = 0, dropped = 0, counted } = rates;
  const window = operation({
    phase,
    okMs: [...times(good, 5), ...times(slow, 500)],
    failedMs: times(failed, 5),
    ...(counted === undefined ? {} : { within: [{ underMs: 93, low: counted, high: counted }] }),
  });
  return Array.from({ length: lengthS }, (_, index) =>
    second({ t: fromS + index, phase, offered, dropped, operations: [window] }),
  );
}

const PEAK = run('peak', 0, 10, 100, { good: 100 });

function judged(overload: Rates, peak = PEAK, plan = PLAN) {
  return judgeGoodput('id', GOODPUT, plan, [...peak, ...run('overload', 10, 20, 300, overload)]);
}

describe('judgeGoodput', () => {
  test.each<[string, ReturnType<typeof judged>, string, RegExp]>([
    [
      'all that can be done is done',
      judged({ good: 100, failed: 200 }),
      'pass',
      /^100\/s good, 100\/s in peak, 100 %$/,
    ],
    ['exactly the limit', judged({ good: 90, failed: 210 }), 'pass', /90 %$/],
    ['a little less: the counts can not tell', judged({ good: 89, failed: 211 }), 'inconclusive', /too near to 90 %/],
    [
      'collapse',
      judged({ good: 30, slow: 70, dropped: 200 }),
      'fail',
      /^30\/s good, 100\/s in peak, 30 %; at least 90 % needed$/,
    ],
    ['everything is slow', judged({ good: 0, slow: 300 }), 'fail', /^0\/s good/],
    ['nothing but drops', judged({ good: 0, dropped: 300 }), 'fail', /^0\/s good/],
    ['counted', judged({ good: 100, failed: 200, counted: 50 }), 'fail', /^50\/s good/],
    [
      'nothing good before',
      judged({ good: 100 }, run('peak', 0, 10, 100, { good: 0, slow: 100 })),
      'inconclusive',
      /^nothing is known/,
    ],
    ['few before', judged({ good: 100 }, run('peak', 0, 10, 100, { good: 9 })), 'inconclusive', /^90 events in peak/],
    ['none before', judged({ good: 100 }, []), 'inconclusive', /^0 events in peak/],
    [
      'never seen',
      judgeGoodput('id', { ...GOODPUT, operation: 'quotes' }, PLAN, PEAK),
      'inconclusive',
      /no request of quotes/,
    ],
  ])('%s', (_, check, outcome, reason) => {
    expect(check.reason).toMatch(reason);
    expect(check.outcome).toBe(outcome);
  });

  test('is per second of each phase, however long they are', () => {
    const plan = planOf({ phases: phases(['peak', 10, 100], ['overload', 5, 300]) });
    const seconds = [...PEAK, ...run('overload', 10, 5, 300, { good: 95, failed: 205 })];
    expect(judgeGoodput('id', GOODPUT, plan, seconds)).toMatchObject({ outcome: 'pass', evidence: { seconds: 5 } });
  });

  test('a phase that was planned to get less shows nothing', () => {
    const seconds = [...PEAK, ...run('overload', 10, 20, 50, { good: 50 })];
    const check = judgeGoodput('id', GOODPUT, PLAN, seconds);
    expect(check.outcome).toBe('inconclusive');
    expect(check.reason).toMatch(/could not be reached/);
  });

  test('an interval that holds the limit is not decided', () => {
    const coarse = run('peak', 0, 10, 100, { good: 0 }).map((same) => ({
      ...same,
      operations: [operation({ phase: 'peak', okMs: [...times(50, 5), ...times(50, 91)] })],
    }));
    expect(judged({ good: 60, failed: 240 }, coarse)).toMatchObject({
      outcome: 'inconclusive',
      evidence: { exact: false },
    });
  });

  test('nor is one on the other side', () => {
    const overload = run('overload', 10, 20, 300, { good: 0 }).map((same) => ({
      ...same,
      operations: [operation({ phase: 'overload', okMs: [...times(50, 5), ...times(60, 91)] })],
    }));
    expect(judgeGoodput('id', GOODPUT, PLAN, [...PEAK, ...overload]).outcome).toBe('inconclusive');
  });

  test('is sound, and fewer good events never turn fail into pass', () => {
    fc.assert(
      fc.property(fc.nat(120), fc.nat(40), (good, fewer) => {
        const [before, after] = [good, Math.max(0, good - fewer)].map(
          (now) => judged({ good: now, failed: 200 }).outcome,
        );
        if (good >= 90) expect(before).toBe('pass');
        else expect(before).not.toBe('pass');
        expect([before, after]).not.toEqual(['fail', 'pass']);
        // 3 σ of 1 600 good events in 20 s and 81 % of 1 000 in 10 s: 10.4/s.
        if (good < 79) expect(before).toBe('fail');
      }),
    );
  });
});
