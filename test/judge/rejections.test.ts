import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeRejections } from '../../lib/judge/rejections.ts';
import type { Second } from '../../lib/observe/observations.ts';
import { budget, operation, second, times } from './builders.ts';

const REFUSED = budget({ kind: 'rejections', operation: 'quote', phase: 'overload', atLeast: '99%' });

function overload(failed: number, rejected: number, parts: Partial<Second> = {}): Second {
  const window = operation({ phase: 'overload', okMs: times(500, 5), failedMs: times(failed, 1), rejected });
  return second({ phase: 'overload', operations: [window], ...parts });
}

describe('judgeRejections', () => {
  test.each<[string, Second, string, RegExp]>([
    ['all refused', overload(200, 200), 'pass', /^200 of 200 that failed were refused, 100 %$/],
    ['exactly the limit', overload(200, 198), 'pass', /99 %$/],
    [
      'one too many broke',
      overload(200, 197),
      'fail',
      /^197 of 200 that failed were refused, 98\.5 %; at least 99 % needed$/,
    ],
    ['none refused', overload(200, 0), 'fail', /^0 of 200/],
    [
      'dropped iterations were not refused',
      overload(200, 200, { dropped: 5 }),
      'fail',
      /^200 of 205 that failed \(5 of them dropped/,
    ],
    ['nothing but drops', overload(0, 0, { dropped: 300 }), 'fail', /^0 of 300/],
    ['exceptions are not counted', overload(200, 200, { exceptions: 200 }), 'pass', /^200 of 200/],
    [
      'nothing failed',
      overload(0, 0),
      'inconclusive',
      /^nothing was refused, 500 requests succeeded: overload was no overload$/,
    ],
    ['few failed', overload(99, 0), 'inconclusive', /^99 events failed, at least 100 needed$/],
    ['nothing at all', second({ phase: 'overload' }), 'inconclusive', /no request of quote/],
    [
      'another phase',
      second({ operations: [operation({ failedMs: times(500, 1) })] }),
      'inconclusive',
      /^0 events failed/,
    ],
  ])('%s', (_, seen, outcome, reason) => {
    const check = judgeRejections('id', REFUSED, [seen]);
    expect(check.reason).toMatch(reason);
    expect(check.outcome).toBe(outcome);
  });

  test('decides as counting does, and a failure more never turns fail into pass', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 400 }), fc.nat(10), fc.nat(5), (rejected, broken, dropped) => {
        const { outcome } = judgeRejections('id', REFUSED, [overload(rejected + broken, rejected, { dropped })]);
        expect(outcome).toBe(rejected / (rejected + broken + dropped) >= 0.99 ? 'pass' : 'fail');
        const worse = judgeRejections('id', REFUSED, [overload(rejected + broken + 1, rejected, { dropped })]).outcome;
        if (outcome === 'fail') expect(worse).toBe('fail');
      }),
    );
  });
});
