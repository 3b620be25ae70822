import { describe, expect, test } from 'vitest';
import { judgeFaultEffect } from '../../lib/judge/fault-effect.ts';
import type { CounterSample, EdgeProbe, FaultObservation, Second } from '../../lib/observe/observations.ts';
import type { Fault } from '../../lib/plan/plan.ts';
import { CUT, DELAY, between, healthy, operation, planOf, seen, times } from './builders.ts';

const same = (unchanged: Second): Second => unchanged;

function judged(fault: Fault, parts: Partial<FaultObservation> = {}, change = same) {
  const plan = planOf({ faults: [fault], evidence: true });
  return judgeFaultEffect(fault, plan, { ...healthy(plan, change), faults: [seen(fault, parts)] });
}

function probes(before: number | undefined, during: number | undefined, after: number | undefined): EdgeProbe[] {
  const [error, atMs] = [undefined, 0];
  return [
    { when: 'before', roundTripMs: before, atMs, error },
    { when: 'during', roundTripMs: during, atMs, error },
    { when: 'after', roundTripMs: after, atMs, error },
  ];
}

function counter(...samples: readonly (readonly [atMs: number, value: number])[]): CounterSample[] {
  return samples.map(([atMs, value]) => ({ atMs, value }));
}

const SLOW = between(15, 25, { operations: [operation({ phase: 'fault', okMs: times(100, 205) })] });
/** Nothing is answered from 15 s on but this, in second 20. */
function only(okMs: readonly number[]): (second: Second) => Second {
  return (now) => {
    if (now.t < 15) return now;
    return { ...now, operations: now.t === 20 ? [operation({ phase: 'fault', okMs })] : [] };
  };
}

const NO_EVIDENCE = { evidence: undefined };

describe('judgeFaultEffect', () => {
  test.each<[string, ReturnType<typeof judged>, string, RegExp]>([
    ['disturbed, counter rose', judged(DELAY), 'pass', /fallbacks_total rose by 37$/],
    [
      'disturbed, clients felt it',
      judged(DELAY, NO_EVIDENCE, SLOW),
      'pass',
      /0 % → [\d.]+ % of quote over http failed or slow$/,
    ],
    ['cut', judged(CUT), 'pass', /1 ms → no answer → 1 ms/],
    ['half of the delay', judged(DELAY, { probes: probes(1, 101, 1) }), 'pass', /101 ms/],
    [
      'less than half of the delay',
      judged(DELAY, { probes: probes(1, 100.9, 1) }),
      'inconclusive',
      /not seen to be disturbed \(it answered as usual/,
    ],
    ['delay so long that nothing answered', judged(DELAY, { probes: probes(1, undefined, 1) }), 'pass', /no answer/],
    ['cut edge that answers', judged(CUT, { probes: probes(1, 1, 1) }), 'inconclusive', /answered as usual/],
    ['edge dead before', judged(CUT, { probes: probes(undefined, undefined, 1) }), 'inconclusive', /no answer before/],
    ['edge dead after', judged(CUT, { probes: probes(1, undefined, undefined) }), 'inconclusive', /not well again/],
    ['edge still slow after', judged(DELAY, { probes: probes(1, 201, 201) }), 'inconclusive', /not well again/],
    ['no probes', judged(CUT, { probes: [] }), 'inconclusive', /no answer before the fault, no round trip during/],
    ['nobody felt it', judged(DELAY, NO_EVIDENCE), 'inconclusive', /traffic was not seen to feel it/],
    [
      'counter stood still',
      judged(DELAY, { evidence: counter([14_000, 3], [24_000, 3]) }),
      'inconclusive',
      /rose by 0;/,
    ],
    [
      'counter rose outside only',
      judged(DELAY, { evidence: counter([1_000, 0], [14_000, 3], [24_000, 3], [27_000, 9]) }),
      'inconclusive',
      /rose by 0;/,
    ],
    [
      'counter rose right after',
      judged(DELAY, { evidence: counter([14_000, 3], [24_000, 3], [26_500, 4]) }),
      'pass',
      /rose by 1$/,
    ],
    ['counter restarted', judged(DELAY, { evidence: counter([14_000, 90], [20_000, 2]) }), 'pass', /rose by 2$/],
    [
      'one sample is no rise',
      judged(DELAY, { evidence: counter([20_000, 90]) }),
      'inconclusive',
      /was not seen around/,
    ],
    ['never injected', judged(DELAY, { injectedMs: undefined, removedMs: undefined }), 'inconclusive', /^not reached/],
  ])('%s', (_, check, outcome, reason) => {
    expect(check.reason).toMatch(reason);
    expect(check.outcome).toBe(outcome);
  });

  test.each<[string, (second: Second) => Second, string]>([
    ['ten slow ones', only(times(10, 900)), 'pass'],
    ['nine slow ones are too few', only(times(9, 900)), 'inconclusive'],
    ['ten slow ones in a thousand are chance', only([...times(990, 5), ...times(10, 900)]), 'inconclusive'],
    ['failures', between(15, 25, { operations: [operation({ okMs: times(95, 5), failedMs: times(5, 5) })] }), 'pass'],
    ['dropped iterations', between(15, 25, { dropped: 5 }), 'pass'],
    [
      'one operation of many',
      between(15, 25, {
        operations: [operation({ okMs: times(900, 5) }), operation({ operation: 'order', okMs: times(4, 900) })],
      }),
      'pass',
    ],
    ['slow all along', (now) => ({ ...now, operations: [operation({ okMs: times(100, 205) })] }), 'inconclusive'],
  ])('clients: %s', (_, change, outcome) => {
    const withOrders = (now: Second): Second => ({
      ...now,
      operations: [...now.operations, operation({ operation: 'order', okMs: times(4, 5) })],
    });
    const check = judged(DELAY, NO_EVIDENCE, (now) => {
      const changed = change(now);
      return changed.t < 15 ? withOrders(changed) : changed;
    });
    expect(check.outcome).toBe(outcome);
  });

  test('a fault inside the steady phase is compared with the rest of it', () => {
    const inside = { ...DELAY, startMs: 8_000, endMs: 11_000 };
    const slow = between(8, 11, { operations: [operation({ okMs: times(100, 205) })] });
    expect(judged(inside, NO_EVIDENCE, slow).outcome).toBe('pass');
  });

  test('says how to find out', () => {
    const plan = planOf({ faults: [DELAY] });
    const check = judgeFaultEffect(DELAY, plan, { ...healthy(plan), faults: [seen(DELAY, NO_EVIDENCE)] });
    expect(check.hint).toContain('name a counter of the caller');
    expect(check.catalogue).toBe('HRN-4');
  });
});
