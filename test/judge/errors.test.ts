import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeErrors } from '../../lib/judge/errors.ts';
import type { Second } from '../../lib/observe/observations.ts';
import { budget, operation, second, times } from './builders.ts';

const AT_MOST_1 = budget({ kind: 'errors', operation: 'quote', phase: 'steady', atMost: '1%' });
const NONE = { ...AT_MOST_1, atMost: 0 };
const ALL = { ...AT_MOST_1, operation: '*' };

describe('judgeErrors', () => {
  test.each<[string, Partial<Second>, typeof AT_MOST_1, string, RegExp]>([
    ['none', { operations: [operation({ okMs: times(200, 5) })] }, NONE, 'pass', /^0 of 200 failed, 0 %$/],
    [
      'one with none allowed',
      { operations: [operation({ okMs: times(200, 5), failedMs: [5] })] },
      NONE,
      'fail',
      /1 of 201/,
    ],
    [
      'exactly the limit',
      { operations: [operation({ okMs: times(198, 5), failedMs: [1, 2] })] },
      AT_MOST_1,
      'pass',
      /1 %$/,
    ],
    [
      'above',
      { operations: [operation({ okMs: times(197, 5), failedMs: [1, 2, 3] })] },
      AT_MOST_1,
      'fail',
      /1\.5 %; at most 1 % allowed/,
    ],
    [
      'drops',
      { dropped: 3, operations: [operation({ okMs: times(197, 5) })] },
      AT_MOST_1,
      'fail',
      /3 of them dropped iterations/,
    ],
    [
      'exceptions, one operation',
      { exceptions: 9, operations: [operation({ okMs: times(197, 5) })] },
      AT_MOST_1,
      'pass',
      /0 of 197/,
    ],
    [
      'exceptions, all together',
      { exceptions: 9, operations: [operation({ okMs: times(197, 5) })] },
      ALL,
      'fail',
      /9 of 206/,
    ],
    [
      'too few',
      { operations: [operation({ okMs: times(99, 5) })] },
      AT_MOST_1,
      'inconclusive',
      /^99 events, at least 100 needed$/,
    ],
    [
      'never seen',
      { operations: [operation({ operation: 'other', okMs: times(99, 5) })] },
      AT_MOST_1,
      'inconclusive',
      /no request of quote/,
    ],
    ['nothing', {}, ALL, 'inconclusive', /^0 events/],
  ])('%s', (_, parts, limit, outcome, reason) => {
    const check = judgeErrors('id', limit, [second(parts)]);
    expect(check.reason).toMatch(reason);
    expect(check.outcome).toBe(outcome);
  });

  test('decides as counting does, and a bad event more never turns fail into pass', () => {
    const amounts = fc.record({ ok: fc.nat(300), failed: fc.nat(10), dropped: fc.nat(10), atMost: fc.nat(5) });
    fc.assert(
      fc.property(amounts, ({ ok, failed, dropped, atMost }) => {
        const limit = { ...AT_MOST_1, atMost: atMost / 100, minEvents: 1 };
        const seen = second({ dropped, operations: [operation({ okMs: times(ok, 5), failedMs: times(failed, 5) })] });
        const total = ok + failed + dropped;
        const before = judgeErrors('id', limit, [seen]).outcome;
        const expected = (failed + dropped) / total <= atMost / 100 ? 'pass' : 'fail';
        expect(before).toBe(total === 0 ? 'inconclusive' : expected);
        for (const worse of [second({ dropped: 1 }), second({ operations: [operation({ failedMs: [1] })] })]) {
          if (before === 'fail') expect(judgeErrors('id', limit, [seen, worse]).outcome).toBe('fail');
        }
      }),
    );
  });
});
