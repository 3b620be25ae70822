import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeQuota } from '../../lib/judge/quota.ts';
import type { Second } from '../../lib/observe/observations.ts';
import { budget, operation, phases, planOf, second, times } from './builders.ts';

const QUOTA = budget({
  kind: 'quota',
  operation: 'noisy-quote',
  phase: 'noisy',
  rate: '20/s',
  tolerance: '10%',
  burst: 20,
});
const PLAN = planOf({ phases: phases(['steady', 2, 50], ['noisy', 10, 200]) });

/** The phase's requests, spread over its seconds. */
function noisy(granted: number, refused: number, lengthS = 10): Second[] {
  return Array.from({ length: lengthS }, (_, index) => {
    const share = (all: number): number =>
      Math.floor((all * (index + 1)) / lengthS) - Math.floor((all * index) / lengthS);
    const window = operation({
      operation: 'noisy-quote',
      phase: 'noisy',
      okMs: times(share(granted), 5),
      failedMs: times(share(refused), 1),
      rejected: share(refused),
    });
    return second({ t: 2 + index, phase: 'noisy', operations: [window] });
  });
}

describe('judgeQuota', () => {
  // 20/s for 10 s ± 10 %, and a burst of 20: 180 to 240; one second's worth more can't be told.
  test.each<[string, readonly Second[], string, RegExp]>([
    ['held to it', noisy(200, 1_800), 'pass', /^200 requests of 2000 succeeded, 20\/s; allowed are 180 to 240$/],
    ['with its burst', noisy(220, 1_800), 'pass', /./],
    ['at the upper bound', noisy(240, 1_800), 'pass', /./],
    ["within a second's worth", noisy(241, 1_800), 'inconclusive', /phase's edges/],
    ["the last of a second's worth", noisy(260, 1_800), 'inconclusive', /./],
    ['above', noisy(261, 1_800), 'fail', /^261 requests .*; only 180 to 240 allowed$/],
    ['no quota at all', noisy(2_000, 0), 'fail', /^2000 requests of 2000/],
    ['at the lower bound', noisy(180, 1_800), 'pass', /./],
    ['just below it', noisy(160, 1_800), 'inconclusive', /./],
    ['below', noisy(159, 1_800), 'fail', /^159 requests/],
    ['everything refused', noisy(0, 2_000), 'fail', /^0 requests/],
    [
      'hardly more was asked for',
      noisy(200, 159),
      'inconclusive',
      /^only 35\.9\/s were asked for, at least 36\/s needed/,
    ],
    ['just enough was asked for', noisy(200, 160), 'pass', /./],
    ['few', noisy(9, 90), 'inconclusive', /^99 events, at least 100 needed$/],
    ['none', [second({ phase: 'noisy' })], 'inconclusive', /no request of noisy-quote/],
    ['a phase of one second', noisy(20, 400, 1), 'inconclusive', /too short/],
  ])('%s', (_, seconds, outcome, reason) => {
    const check = judgeQuota('id', QUOTA, PLAN, seconds);
    expect(check.reason).toMatch(reason);
    expect(check.outcome).toBe(outcome);
  });

  test('a token bucket passes wherever the phase begins in its time, and one of twice the rate never does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 49 }), fc.integer({ min: 0, max: 20 }), (offsetMs, tokens) => {
        const grantedAt = (rate: number): number => tokens + Math.floor((10_000 + offsetMs) / (1_000 / rate));
        expect(judgeQuota('id', QUOTA, PLAN, noisy(grantedAt(20), 1_800)).outcome).toBe('pass');
        expect(judgeQuota('id', QUOTA, PLAN, noisy(grantedAt(40), 1_800)).outcome).toBe('fail');
      }),
    );
  });
});
