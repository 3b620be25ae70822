import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recoverySpan } from '../../lib/judge/recovery-span.ts';
import { judgeRecovery } from '../../lib/judge/recovery.ts';
import type { FaultObservation, Second } from '../../lib/observe/observations.ts';
import { CUT, between, budget, healthy, operation, phases, planOf, second, seen, times } from './builders.ts';

const WITHIN_3S = budget({
  kind: 'recovery',
  operation: 'quote',
  after: 'cut',
  within: '3s',
  under: '100ms',
  atLeast: '99%',
});
/** The fault is removed at 25 s, the load ends at 35 s. */
const PLAN = planOf({ faults: [CUT] });
const BAD = { operations: [operation({ phase: 'recovery', failedMs: times(100, 5) })] };
const EMPTY = { operations: [] };
const UNDECIDED = { operations: [operation({ phase: 'recovery', okMs: times(100, 95) })] };

function judged(
  change: (second: Second) => Second,
  { fault = {}, limit = WITHIN_3S, loadEndMs = 35_000, others = [] as FaultObservation[] } = {},
) {
  const faults = [seen(CUT, fault), ...others];
  return judgeRecovery('id', limit, PLAN, { ...healthy(PLAN, change), faults, loadEndMs });
}

describe('judgeRecovery', () => {
  test.each<[string, ReturnType<typeof judged>, string, RegExp]>([
    ['at once', judged(between(15, 25, BAD)), 'pass', /^recovered 0 ms/],
    ['after 2 s', judged(between(15, 27, BAD)), 'pass', /^recovered 2 s after/],
    ['at the limit', judged(between(15, 28, BAD)), 'pass', /^recovered 3 s after/],
    ['between two windows', judged(between(15, 29, BAD)), 'inconclusive', /between 2.5 s and 4 s/],
    [
      'too late',
      judged(between(15, 30, BAD)),
      'fail',
      /^recovered 5 s after the fault was removed; at most 3 s allowed$/,
    ],
    [
      'two good windows are not enough',
      judged((same) => (same.t === 27 || same.t === 30 ? { ...same, ...BAD } : same)),
      'fail',
      /^recovered 6 s/,
    ],
    ['never', judged(between(15, 35, BAD)), 'fail', /^not recovered in the 10 seconds watched/],
    [
      'never, load ends too soon',
      judged(between(15, 35, BAD), { loadEndMs: 28_500 }),
      'inconclusive',
      /too few to say/,
    ],
    ['silence is not recovery', judged(between(15, 35, EMPTY)), 'fail', /^not recovered/],
    ['dropped iterations', judged(between(15, 35, { dropped: 5 })), 'fail', /^not recovered/],
    [
      'undecided windows',
      judged(between(25, 35, UNDECIDED), { limit: { ...WITHIN_3S, under: 93 } }),
      'inconclusive',
      /not seen to recover/,
    ],
    [
      'removed in mid-second',
      judged(between(15, 25, BAD), { fault: { removedMs: 24_400 } }),
      'pass',
      /^recovered 600 ms/,
    ],
    [
      'a second is the resolution',
      judged(between(15, 25, BAD), { fault: { removedMs: 24_400 }, limit: { ...WITHIN_3S, within: 500 } }),
      'inconclusive',
      /between 0 ms and 600 ms/,
    ],
    [
      'never injected',
      judged((same) => same, { fault: { injectedMs: undefined, removedMs: undefined } }),
      'inconclusive',
      /^not reached/,
    ],
    [
      'never removed',
      judged((same) => same, { fault: { removedMs: undefined } }),
      'inconclusive',
      /not seen to be removed/,
    ],
    [
      'wrong operation',
      judged((same) => same, { limit: { ...WITHIN_3S, operation: 'quotes' } }),
      'inconclusive',
      /no request of quotes/,
    ],
    [
      'another fault in force',
      judged(between(15, 35, BAD), { others: [seen({ ...CUT, name: 'next', startMs: 24_000, endMs: 35_000 })] }),
      'inconclusive',
      /0 seconds watched/,
    ],
    [
      'the next fault soon after',
      judged(between(15, 35, BAD), { others: [seen({ ...CUT, name: 'next', startMs: 28_000, endMs: 35_000 })] }),
      'inconclusive',
      /3 seconds watched/,
    ],
  ])('%s', (_, check, outcome, reason) => {
    expect(check.reason).toMatch(reason);
    expect(check.outcome).toBe(outcome);
  });

  test('a phase may be what it recovers from', () => {
    const limit = { ...WITHIN_3S, after: 'fault' };
    const plan = planOf({});
    const after = (change: (second: Second) => Second, loadEndMs = 35_000) =>
      judgeRecovery('id', limit, plan, { ...healthy(plan, change), loadEndMs });
    expect(after(between(15, 27, BAD))).toMatchObject({
      outcome: 'pass',
      reason: 'recovered 2 s after the phase fault ended',
    });
    expect(after(between(15, 31, BAD)).reason).toBe('recovered 6 s after the phase fault ended; at most 3 s allowed');
    expect(after(between(15, 31, BAD)).outcome).toBe('fail');
    expect(after(between(15, 31, BAD), 25_000)).toMatchObject({ outcome: 'inconclusive', measured: 'not reached' });
    expect(judgeRecovery('id', { ...limit, after: 'other' }, plan, healthy(plan)).outcome).toBe('inconclusive');
  });

  test('good events that were counted decide windows that a histogram can not', () => {
    const within = [{ underMs: 93, low: 100, high: 100 }];
    const counted = { operations: [operation({ phase: 'recovery', okMs: times(100, 91), within })] };
    const limit = { ...WITHIN_3S, under: 93 };
    expect(judged(between(25, 35, UNDECIDED), { limit }).evidence['exact']).toBe(false);
    expect(judged(between(25, 35, counted), { limit })).toMatchObject({ outcome: 'pass', evidence: { exact: true } });
  });

  test('at a low rate an empty second is not held against the system', () => {
    const plan = planOf({ faults: [CUT], phases: phases(['steady', 15, 2], ['fault', 10, 2], ['recovery', 10, 2]) });
    const change = (same: Second): Second => (same.t >= 25 && same.t % 2 === 0 ? { ...same, ...EMPTY } : same);
    expect(judgeRecovery('id', WITHIN_3S, plan, healthy(plan, change)).outcome).toBe('inconclusive');
  });

  test('an empty second that no push covers is not held against the system', () => {
    const missing = new Set([27, 30, 33]);
    const run = healthy(PLAN, (same) => (missing.has(same.t) ? { ...same, ...EMPTY } : same));
    expect(judgeRecovery('id', { ...WITHIN_3S, within: 1_000 }, PLAN, run).outcome).toBe('fail');
    const pushesMs = run.generator.pushesMs.filter((at) => !missing.has(at / 1_000 - 1));
    const gaps = { ...run, generator: { ...run.generator, pushesMs } };
    expect(judgeRecovery('id', { ...WITHIN_3S, within: 1_000 }, PLAN, gaps).outcome).toBe('inconclusive');
  });

  test('seconds after the planned end are not looked at', () => {
    const drained = Array.from({ length: 20 }, (_, index) => second({ t: 35 + index, phase: 'recovery' }));
    const observations = healthy(PLAN, between(33, 35, BAD));
    const all = { ...observations, seconds: [...observations.seconds, ...drained], loadEndMs: 55_000 };
    expect(judgeRecovery('id', WITHIN_3S, PLAN, all)).toMatchObject({ outcome: 'pass', evidence: { windows: 10 } });
  });
});

describe('recoverySpan', () => {
  const flags = fc.array(fc.constantFrom('good', 'undecided', 'bad'), { maxLength: 20 });
  const windowsOf = (list: readonly string[]) =>
    list.map((flag, index) => ({
      startMs: 1_000 + index * 1_000,
      surely: flag === 'good',
      possibly: flag !== 'bad',
    }));

  test('the earliest is never after the latest', () => {
    fc.assert(
      fc.property(flags, fc.integer({ min: 1, max: 1_000 }), (list, removedMs) => {
        const { earliestMs, latestMs } = recoverySpan(windowsOf(list), removedMs);
        expect(earliestMs).toBeGreaterThanOrEqual(0);
        if (latestMs !== undefined) expect(earliestMs).toBeLessThanOrEqual(latestMs);
      }),
    );
  });

  test('a window that got worse never makes either earlier', () => {
    fc.assert(
      fc.property(flags, fc.nat(19), (list, at) => {
        const before = recoverySpan(windowsOf(list), 500);
        const after = recoverySpan(windowsOf(list.map((flag, index) => (index === at ? 'bad' : flag))), 500);
        expect(after.earliestMs).toBeGreaterThanOrEqual(before.earliestMs);
        expect(after.latestMs ?? Infinity).toBeGreaterThanOrEqual(before.latestMs ?? Infinity);
      }),
    );
  });

  test('a missing second breaks a row', () => {
    const windows = windowsOf(['good', 'good', 'good', 'good']).filter((_, index) => index !== 1);
    expect(recoverySpan(windows, 1_000).latestMs).toBeUndefined();
  });
});
