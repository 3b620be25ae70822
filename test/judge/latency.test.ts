import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeLatency } from '../../lib/judge/latency.ts';
import type { Second } from '../../lib/observe/observations.ts';
import { parseRatio } from '../../lib/units.ts';
import { budget, operation, second, times } from './builders.ts';

const UNDER_100MS = budget({ kind: 'latency', operation: 'quote', phase: 'steady', under: '100ms', atLeast: '99%' });
/** With `under` in 90.5–98.7 ms, 95 ms lies in the limit's own bucket. */
const UNDER_93MS = { ...UNDER_100MS, under: 93 };

function judged(seconds: readonly Second[], limit = UNDER_100MS) {
  return judgeLatency('id', limit, seconds);
}

describe('judgeLatency', () => {
  test.each<[string, Partial<Second>, typeof UNDER_100MS, string, RegExp]>([
    [
      'all fast',
      { operations: [operation({ okMs: times(200, 5) })] },
      UNDER_100MS,
      'pass',
      /100 % of 200 under 100 ms/,
    ],
    [
      'exactly the limit',
      { operations: [operation({ okMs: [...times(198, 5), ...times(2, 500)] })] },
      UNDER_100MS,
      'pass',
      /99 % of 200/,
    ],
    [
      'one too many slow',
      { operations: [operation({ okMs: [...times(197, 5), ...times(3, 500)] })] },
      UNDER_100MS,
      'fail',
      /98\.5 % of 200 under 100 ms, at least 99 % needed/,
    ],
    [
      'fast failures are bad',
      { operations: [operation({ okMs: times(197, 5), failedMs: times(3, 1) })] },
      UNDER_100MS,
      'fail',
      /98\.5 %/,
    ],
    [
      'dropped iterations are bad',
      { dropped: 3, operations: [operation({ okMs: times(197, 5) })] },
      UNDER_100MS,
      'fail',
      /98\.5 % of 200/,
    ],
    [
      'exceptions are not an operation’s',
      { exceptions: 50, operations: [operation({ okMs: times(200, 5) })] },
      UNDER_100MS,
      'pass',
      /of 200/,
    ],
    [
      'exceptions are bad for all together',
      { exceptions: 50, operations: [operation({ okMs: times(200, 5) })] },
      { ...UNDER_100MS, operation: '*' },
      'fail',
      /80 % of 250/,
    ],
    [
      'the limit inside a bucket',
      { operations: [operation({ okMs: [...times(190, 5), ...times(10, 95)] })] },
      UNDER_93MS,
      'inconclusive',
      /95 – 100 % of 200 .*one histogram bucket/,
    ],
    [
      'too few',
      { operations: [operation({ okMs: times(12, 5) })] },
      UNDER_100MS,
      'inconclusive',
      /^12 events, at least 100 needed$/,
    ],
    [
      'a stall: nothing but drops',
      { dropped: 150, operations: [operation({ phase: 'warm-up', okMs: [5] })] },
      UNDER_100MS,
      'fail',
      /0 % of 150/,
    ],
    [
      'other protocol',
      { operations: [operation({ okMs: times(200, 5) })] },
      { ...UNDER_100MS, protocol: 'grpc' },
      'inconclusive',
      /no request of quote over grpc/,
    ],
    ['nothing at all', {}, UNDER_100MS, 'inconclusive', /no request of quote/],
  ])('%s', (_, parts, limit, outcome, reason) => {
    const check = judged([second(parts)], limit);
    expect(check.reason).toMatch(reason);
    expect(check.outcome).toBe(outcome);
  });

  test('counts requests by the phase they were started in, whenever they ended', () => {
    const late = second({ t: 1, phase: 'fault', operations: [operation({ okMs: times(150, 5) })] });
    const other = second({ operations: [operation({ phase: 'warm-up', okMs: times(500, 900) })] });
    expect(judged([other, late])).toMatchObject({ outcome: 'pass', events: 150 });
  });

  test('names what was seen when the operation was not', () => {
    const seconds = [
      second({ operations: [operation({ okMs: [5] }), operation({ operation: 'order-get', okMs: [5] })] }),
    ];
    const { hint } = judged(seconds, { ...UNDER_100MS, operation: 'quotes' });
    expect(hint).toBe('seen: order-get, quote; did you mean "quote"?');
    expect(judged(seconds, { ...UNDER_100MS, protocol: 'grpc' }).hint).toBe('quote was seen over http only');
  });

  test('shows the limit, the figures and what they stand for', () => {
    const check = judged([second({ operations: [operation({ okMs: [...times(198, 5), ...times(2, 500)] })] })]);
    expect(check).toMatchObject({
      title: 'quote: ≥ 99 % under 100 ms in steady',
      limit: '≥ 99 % under 100 ms',
      evidence: { goodLow: 198, goodHigh: 198, total: 200, failed: 0, dropped: 0 },
    });
    expect(check.measured).toMatch(/^99 %, p99 \d/);
  });

  test('never rounds a miss onto the limit', () => {
    const check = judged([second({ operations: [operation({ okMs: [...times(98_999, 5), ...times(1_001, 500)] })] })]);
    expect(check.outcome).toBe('fail');
    expect(check.measured).toMatch(/^98\.999 %/);
  });
});

const durationsMs = fc.array(fc.double({ min: 0.01, max: 5_000, noNaN: true }), { minLength: 1, maxLength: 60 });
const ratio = fc.integer({ min: 0, max: 100 }).map((percent) => parseRatio(`${percent}%`) ?? Number.NaN);
const limits = fc
  .record({ under: fc.integer({ min: 1, max: 4_000 }), atLeast: ratio })
  .map((parts) => ({ ...UNDER_100MS, ...parts, minEvents: 1 }));
const secondOf = fc
  .record({ okMs: durationsMs, failedMs: fc.array(fc.constant(3), { maxLength: 5 }), dropped: fc.nat(5) })
  .map(({ okMs, failedMs, dropped }) => second({ dropped, operations: [operation({ okMs, failedMs })] }));

describe('judgeLatency, for any durations', () => {
  test('is sound: what it decides is what counting the raw durations decides', () => {
    fc.assert(
      fc.property(durationsMs, fc.nat(5), limits, (okMs, dropped, limit) => {
        const { outcome, evidence } = judged([second({ dropped, operations: [operation({ okMs })] })], limit);
        const good = okMs.filter((ms) => ms <= limit.under).length;
        expect(evidence['goodLow']).toBeLessThanOrEqual(good);
        expect(evidence['goodHigh']).toBeGreaterThanOrEqual(good);
        const holds = good / (okMs.length + dropped) >= limit.atLeast;
        expect(outcome).not.toBe(holds ? 'fail' : 'pass');
      }),
    );
  });

  test('a bad event more never turns fail into pass', () => {
    fc.assert(
      fc.property(secondOf, limits, fc.constantFrom('dropped', 'failed', 'slow'), (before, limit, kind) => {
        const worse = {
          dropped: second({ dropped: 1 }),
          failed: second({ operations: [operation({ failedMs: [1] })] }),
          slow: second({ operations: [operation({ okMs: [limit.under * 2] })] }),
        }[kind];
        const outcomes = [judged([before], limit).outcome, judged([before, worse], limit).outcome];
        expect(outcomes).not.toEqual(['fail', 'pass']);
        expect(outcomes).not.toEqual(['inconclusive', 'pass']);
      }),
    );
  });

  test('a looser limit never turns pass into fail', () => {
    fc.assert(
      fc.property(secondOf, limits, fc.nat(1_000), (seen, limit, more) => {
        const tight = judged([seen], limit).outcome;
        const loose = judged([seen], { ...limit, under: limit.under + more }).outcome;
        expect(tight === 'pass' && loose !== 'pass').toBe(false);
        expect(loose === 'fail' && tight !== 'fail').toBe(false);
      }),
    );
  });

  test('the limits that the hint names are decided, and as it says', () => {
    const events = fc.record({ fast: fc.nat(50), near: fc.integer({ min: 1, max: 50 }), slow: fc.nat(50) });
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 4_000 }), events, (under, { fast, near, slow }) => {
        const okMs = [...times(fast, 1), ...times(near, under), ...times(slow, 9_000)];
        const seen = second({ operations: [operation({ okMs })] });
        const limit = { ...UNDER_100MS, minEvents: 1, under, atLeast: (fast + near / 2) / okMs.length };
        const { outcome, hint } = judged([seen], limit);
        // A limit on a bucket's own edge is decided.
        fc.pre(outcome === 'inconclusive');
        const [above, below] = [...(hint ?? '').matchAll(/of ([\d.]+) ms/g)].map(([, ms]) => Number(ms));
        expect(judged([seen], { ...limit, under: above ?? Number.NaN }).outcome).toBe('pass');
        expect(judged([seen], { ...limit, under: below ?? Number.NaN }).outcome).toBe('fail');
      }),
      { numRuns: 300 },
    );
  });

  test('without events it never passes', () => {
    fc.assert(
      fc.property(limits, fc.boolean(), (limit, seenElsewhere) => {
        const seconds = seenElsewhere ? [second({ operations: [operation({ phase: 'warm-up', okMs: [1] })] })] : [];
        expect(judged(seconds, limit).outcome).toBe('inconclusive');
        expect(judged(seconds, { ...limit, operation: '*' }).outcome).toBe('inconclusive');
      }),
    );
  });
});
