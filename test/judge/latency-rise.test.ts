import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeLatencyRise } from '../../lib/judge/latency-rise.ts';
import type { Second } from '../../lib/observe/observations.ts';
import { DELAY, budget, operation, phases, planOf, second, times } from './builders.ts';
import { outcomesOf, seeded } from './random.ts';

const RISE = budget({
  kind: 'latency-rise',
  operation: 'quote',
  phase: 'fault',
  against: 'steady',
  quantile: '99%',
  atMost: '110%',
  slack: '5ms',
});
const PLAN = planOf({ faults: [DELAY], phases: phases(['steady', 10, 100], ['fault', 10, 100]) });

/** 1 000 requests of which 5 % take `ms`, and the rest a tenth of it. */
function around(phase: string, ms: number, amount = 1_000, parts: Partial<Second> = {}): Second {
  const okMs = [...times(amount * 0.95, ms / 10), ...times(amount * 0.05, ms)];
  return second({ phase, operations: [operation({ phase, okMs, schema: 6 })], ...parts });
}

function judged(seconds: readonly Second[], limit: typeof RISE = RISE) {
  return judgeLatencyRise('id', limit, PLAN, seconds);
}

const BASE = around('steady', 100);

describe('judgeLatencyRise', () => {
  test.each<[string, readonly Second[], Partial<typeof RISE>, string, RegExp]>([
    ['the same', [BASE, around('fault', 100)], {}, 'pass', /^p99 100 ms, at most 115 ms allowed \(100 ms in steady\)$/],
    ['faster', [BASE, around('fault', 20)], {}, 'pass', /./],
    ['just within', [BASE, around('fault', 113)], {}, 'pass', /./],
    ['a little above: the buckets can not tell', [BASE, around('fault', 115.6)], {}, 'inconclusive', /may lie within/],
    ['far above', [BASE, around('fault', 150)], {}, 'fail', /^p99 150 ms, at most 115 ms allowed/],
    ['a delay that is allowed', [BASE, around('fault', 300)], { fault: 'slow-engine' }, 'pass', /at most 335 ms/],
    ['paid twice', [BASE, around('fault', 500)], { fault: 'slow-engine' }, 'fail', /at most 335 ms/],
    [
      'paid twice, as allowed',
      [BASE, around('fault', 500)],
      { fault: 'slow-engine', hops: 2 },
      'pass',
      /at most 555 ms/,
    ],
    [
      'a fault that is not there',
      [BASE, around('fault', 100)],
      { fault: 'other' },
      'inconclusive',
      /no latency fault other/,
    ],
    [
      'a few dropped: slower than everything',
      [BASE, around('fault', 100, 1_000, { dropped: 30 })],
      {},
      'fail',
      /^p99 endless \(with 30 dropped iterations\)/,
    ],
    ['one dropped of many', [BASE, around('fault', 100, 1_000, { dropped: 1 })], {}, 'pass', /./],
    [
      'dropped as many as it takes, just',
      [BASE, around('fault', 100, 1_000, { dropped: 11 })],
      {},
      'inconclusive',
      /endless/,
    ],
    [
      'dropped before: the limit is not known',
      [around('steady', 100, 1_000, { dropped: 30 }), around('fault', 150)],
      {},
      'inconclusive',
      /may lie within/,
    ],
    [
      'few before',
      [around('steady', 100, 400), around('fault', 100)],
      {},
      'inconclusive',
      /^400 events succeeded in steady, at least 500/,
    ],
    ['few now', [BASE, around('fault', 100, 400)], {}, 'inconclusive', /^400 events succeeded in fault, at least 500/],
    ['too few for a bound', [around('steady', 100, 500), around('fault', 150, 500)], {}, 'inconclusive', /./],
    ['none now', [BASE], {}, 'inconclusive', /^0 events/],
    ['never seen', [BASE, around('fault', 100)], { operation: 'quotes' }, 'inconclusive', /no request of quotes/],
    [
      'another protocol',
      [BASE, around('fault', 100)],
      { protocol: 'grpc' },
      'inconclusive',
      /no request of quote over grpc/,
    ],
  ])('%s', (_, seconds, parts, outcome, reason) => {
    const check = judged(seconds, { ...RISE, ...parts });
    expect(check.reason).toMatch(reason);
    expect(check.outcome).toBe(outcome);
  });

  test('jitter is part of the delay that is allowed', () => {
    const plan = planOf({ faults: [{ ...DELAY, jitterMs: 20 }] });
    const limit = { ...RISE, fault: 'slow-engine' };
    expect(judgeLatencyRise('id', limit, plan, [BASE, around('fault', 350)])).toMatchObject({
      outcome: 'pass',
      evidence: { delayMs: 220 },
    });
  });

  test('failures are not compared', () => {
    const failing = {
      ...around('fault', 100),
      operations: [operation({ phase: 'fault', okMs: times(900, 10), failedMs: times(90, 9_000) })],
    };
    expect(judged([BASE, failing])).toMatchObject({ outcome: 'pass', evidence: { failed: 90, succeeded: 900 } });
  });

  test('says what it compares', () => {
    expect(judged([], { ...RISE, fault: 'slow-engine', hops: 2 }).title).toBe(
      'quote: p99 ≤ 110 % of (steady + 2 × slow-engine) + 5 ms in fault',
    );
  });

  test('hints how many requests decide it, or that none do', () => {
    const [small, smallBase] = [around('fault', 130, 600), around('steady', 100, 600)];
    const sparse = (seen: Second): Second => ({
      ...seen,
      operations: seen.operations.map((window) => ({
        ...window,
        succeeded: operation({ okMs: [...times(592, 10), ...times(8, seen === small ? 130 : 100)], schema: 6 })
          .succeeded,
      })),
    });
    const check = judged([sparse(smallBase), sparse(small)]);
    expect(check.outcome).toBe('inconclusive');
    expect(check.hint).toMatch(/^if it goes on like this, \d+ requests in each phase decide it/);
    expect(judged([BASE, around('fault', 115.6)]).hint).toMatch(/at the limit itself/);
    expect(judged([around('steady', 100, 500), around('fault', 150)]).hint).toMatch(/at least 528 requests/);
  });

  test('is not red by chance: both phases alike, without slack', () => {
    const limit = { ...RISE, atMost: 1, slack: 0 };
    const outcomes = outcomesOf(500, (seed) => {
      const random = seeded(seed);
      // Log-normal by way of a sum of uniforms: p99 is some three times the median.
      const draw = (): number => 10 * Math.exp((random() + random() + random() + random() - 2) * 0.9);
      const phase = (name: string) =>
        second({
          phase: name,
          operations: [operation({ phase: name, okMs: Array.from({ length: 600 }, draw), schema: 6 })],
        });
      return judged([phase('steady'), phase('fault')], limit).outcome;
    });
    expect(outcomes['fail']).toBeLessThanOrEqual(2);
    expect(outcomes['pass']).toBeGreaterThan(150);
  });

  test('slower requests or drops never turn fail into pass', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 50, max: 250 }),
        fc.integer({ min: 0, max: 200 }),
        fc.nat(40),
        (ms, more, dropped) => {
          const before = judged([BASE, around('fault', ms)]).outcome;
          const after = judged([BASE, around('fault', ms + more, 1_000, { dropped })]).outcome;
          expect([before, after]).not.toEqual(['fail', 'pass']);
          expect([before, after]).not.toEqual(['inconclusive', 'pass']);
        },
      ),
    );
  });
});
