import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeThroughput } from '../../lib/judge/throughput.ts';
import type { Second } from '../../lib/observe/observations.ts';
import { budget, second } from './builders.ts';

const LIMIT = budget({ kind: 'throughput', phase: 'steady', atLeast: '99%' });

function steady(seconds: number, parts: Partial<Second>): Second[] {
  return Array.from({ length: seconds }, (_, t) => second({ t, offered: 100, ...parts }));
}

/**
 * A stream of arrivals at a constant rate, each answered after `latencyMs`, as it is seen through pushes that come
 * `jitterMs[k]` off second k: an iteration is counted in the second of the push that reports it.
 */
function stream(
  perSecond: number,
  fromS: number,
  toS: number,
  latencyMs: number,
  jitterMs: readonly number[],
): Second[] {
  const ends = Array.from({ length: Math.floor(perSecond * (toS + 4)) }, (_, n) => (n / perSecond) * 1_000 + latencyMs);
  return Array.from({ length: toS + 2 }, (_, t) => {
    const [opens, closes] = [t * 1_000 + (t === 0 ? 0 : (jitterMs[t] ?? 0)), (t + 1) * 1_000 + (jitterMs[t + 1] ?? 0)];
    const iterations = ends.filter((end) => end >= opens && end < closes).length;
    const phase = t >= fromS && t < toS ? 'steady' : 'other';
    return second({ t, phase, offered: perSecond, iterations, busyVus: (iterations * latencyMs) / 1_000 });
  });
}

describe('judgeThroughput', () => {
  test.each<[string, readonly Second[], string, RegExp]>([
    ['all completed', steady(10, { iterations: 100 }), 'pass', /^100 % of 1000 planned arrivals/],
    ['1 % dropped', steady(10, { iterations: 99, dropped: 1 }), 'pass', /^99 %/],
    ['2 % dropped', steady(10, { iterations: 98, dropped: 2 }), 'fail', /^98 %.*20 dropped; at least 99 % needed/],
    ['5 % never end', steady(60, { iterations: 95, busyVus: 0.5 }), 'fail', /^96\.\d+ %/],
    ['late, but completed', steady(10, { iterations: 80, busyVus: 160 }), 'pass', /^100 %/],
    ['nothing completed', steady(2, {}), 'fail', /0 completed/],
    ['nothing completed, nothing shown', steady(1, {}), 'inconclusive', /no iteration was seen to end/],
    ['too short', steady(1, { offered: 99, iterations: 99 }), 'inconclusive', /^99 planned arrivals, at least 100/],
    ['not there', [], 'inconclusive', /^0 planned arrivals/],
  ])('%s', (_, seconds, outcome, reason) => {
    const check = judgeThroughput('id', LIMIT, seconds);
    expect(check.reason).toMatch(reason);
    expect(check.outcome).toBe(outcome);
  });

  test('a healthy stream seen through jittered pushes never falls below the limit', () => {
    const jitter = fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(jitter, fc.integer({ min: 0, max: 5 }), fc.integer({ min: 2, max: 20 }), (jitterMs, from, length) => {
        const check = judgeThroughput('id', LIMIT, stream(100, from, from + length, 5, jitterMs));
        expect(check.outcome).toBe('pass');
        expect(check.evidence['achievedRatio']).toBe(1);
      }),
    );
  });

  test('more drops never turn fail into pass', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(20), fc.nat(20), (iterations, dropped, more) => {
        const outcome = (drops: number) =>
          judgeThroughput('id', LIMIT, steady(10, { iterations, dropped: drops })).outcome;
        expect(outcome(dropped) === 'fail' && outcome(dropped + more) !== 'fail').toBe(false);
      }),
    );
  });
});
