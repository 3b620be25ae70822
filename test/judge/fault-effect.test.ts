import { describe, expect, test } from 'vitest';
import { judgeFaultEffect } from '../../lib/judge/fault-effect.ts';
import { EDGE_KINDS, SERVICE_KINDS } from '../../chaos/faults/kinds.ts';
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

const TIMES = { startMs: 15_000, endMs: 25_000 };
const ON_EDGE = { ...TIMES, edge: 'orders-pricing' };
const ON_STREAM = { ...ON_EDGE, direction: 'replies', connections: 1 } as const;
const ON_REQUESTS = { ...ON_EDGE, seed: 7 };
const ON_SERVICE = { ...TIMES, service: 'engine' };

/** One of each kind, by what shows it. */
const BY_ROUND_TRIPS: readonly Fault[] = [
  DELAY,
  CUT,
  { ...ON_STREAM, name: 'hole', kind: 'timeout', closeAfterMs: 0 },
  { ...ON_STREAM, name: 'reset', kind: 'reset', afterMs: 0 },
  { ...ON_STREAM, name: 'slow-close', kind: 'slow-close', delayMs: 200 },
  { ...ON_EDGE, name: 'flapping', kind: 'flapping', downMs: 1_000, upMs: 1_000 },
];
const BY_SIGNS: readonly Fault[] = [
  { ...ON_STREAM, name: 'narrow', kind: 'bandwidth', bytesPerSecond: 1_000 },
  { ...ON_STREAM, name: 'slicer', kind: 'slicer', averageBytes: 10, variationBytes: 0, delayMs: 1 },
  { ...ON_STREAM, name: 'limit', kind: 'limit-data', bytes: 1_000 },
  { ...DELAY, name: 'some-connections', connections: 0.5 },
  { ...ON_SERVICE, name: 'kill', kind: 'kill' },
  { ...ON_SERVICE, name: 'terminate', kind: 'terminate' },
  { ...ON_SERVICE, name: 'restart', kind: 'restart' },
  { ...ON_SERVICE, name: 'pause', kind: 'pause' },
  { ...ON_SERVICE, name: 'cpu', kind: 'cpu-pressure', cores: 0.1 },
  { ...ON_SERVICE, name: 'memory', kind: 'memory-pressure', limitBytes: 1_000_000 },
  { ...ON_SERVICE, name: 'disk', kind: 'disk-full', sizeBytes: 1_000_000, leaveBytes: 0 },
];
/** Felt by those that they hit, whatever the clients or a counter say. */
const ON_SINGLE_REQUESTS: readonly Fault[] = [
  { ...ON_REQUESTS, name: 'fail', kind: 'request-fail', status: 14 },
  { ...ON_REQUESTS, name: 'delay', kind: 'request-delay', delayMs: 100, jitterMs: 0 },
  { ...ON_REQUESTS, name: 'hang', kind: 'request-hang' },
  { ...ON_REQUESTS, name: 'cut-off', kind: 'request-cut' },
];
const UNSEEN_SIGNS = { signs: [{ atMs: 16_000, seen: false, detail: 'nothing of it' }] };
const UNSEEN_TRIPS = { probes: probes(1, 1, 1) };

describe('every kind of fault', () => {
  test('is here', () => {
    const kinds = [...BY_ROUND_TRIPS, ...BY_SIGNS, ...ON_SINGLE_REQUESTS].map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set([...Object.keys(EDGE_KINDS), ...Object.keys(SERVICE_KINDS)]));
  });

  test.each([...BY_ROUND_TRIPS, ...BY_SIGNS].map((fault) => [fault.name, fault] as const))('%s', (_, fault) => {
    expect(judged(fault).outcome).toBe('pass');
    expect(judged(fault, NO_EVIDENCE, SLOW).outcome).toBe('pass');
    const unfelt = judged(fault, NO_EVIDENCE);
    expect(unfelt).toMatchObject({ outcome: 'inconclusive', reason: expect.stringMatching(/not seen to feel it/) });
    const unseen = judged(fault, BY_SIGNS.includes(fault) ? UNSEEN_SIGNS : UNSEEN_TRIPS);
    expect(unseen).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringMatching(/^the (edge|service) was not seen to be disturbed/),
    });
    expect(unseen.reason.startsWith('the service')).toBe('service' in fault);
    expect(judged(fault, { injectedMs: undefined }).reason).toMatch(/^not reached/);
  });

  test.each(ON_SINGLE_REQUESTS.map((fault) => [fault.name, fault] as const))('%s', (_, fault) => {
    expect(judged(fault, NO_EVIDENCE)).toMatchObject({ outcome: 'pass', reason: 'it was there' });
    expect(judged(fault, UNSEEN_SIGNS)).toMatchObject({ outcome: 'inconclusive' });
    expect(judged(fault, { signs: [] }).reason).toMatch(/nobody looked at it while it was in force/);
  });

  test('of a drill, it is felt by what the drill does', () => {
    for (const fault of [...BY_ROUND_TRIPS, ...BY_SIGNS]) {
      const own = { ...fault, drill: 'readiness' };
      expect(judged(own, NO_EVIDENCE).outcome).toBe('pass');
      expect(judged(own, { ...NO_EVIDENCE, ...UNSEEN_TRIPS, ...UNSEEN_SIGNS }).outcome).toBe('inconclusive');
    }
  });

  test('one sign of several is enough, and it is the last of them that is told', () => {
    const [narrow] = BY_SIGNS as [Fault];
    const signs = [
      { atMs: 16_000, seen: false, detail: 'not yet' },
      { atMs: 18_000, seen: true, detail: 'the proxy reports bandwidth' },
      { atMs: 20_000, seen: false, detail: 'gone' },
    ];
    const check = judged(narrow, { signs });
    expect(check).toMatchObject({ outcome: 'pass', evidence: { looks: 3, looksThatSawIt: 1 } });
    expect(check.reason).toMatch(/^the proxy reports bandwidth, and the traffic felt it/);
  });

  test.each<[string, readonly (number | undefined)[], string, RegExp]>([
    ['up and down', [undefined, 1, undefined, 1], 'pass', /^2 of 4 round trips without answer/],
    ['only down', [undefined, undefined], 'inconclusive', /it never answered during the fault/],
    ['only up', [1, 1], 'inconclusive', /it answered as usual during the fault/],
    ['not looked at', [], 'inconclusive', /no round trip during the fault/],
  ])('flapping, seen %s', (_, during, outcome, reason) => {
    const flapping = BY_ROUND_TRIPS.find(({ kind }) => kind === 'flapping') ?? CUT;
    const [before, , after] = probes(1, 1, 1) as [EdgeProbe, EdgeProbe, EdgeProbe];
    const seenDuring = during.map((ms) => ({ ...before, when: 'during' as const, roundTripMs: ms }));
    const check = judged(flapping, { probes: [before, ...seenDuring, after] });
    expect(check.reason).toMatch(reason);
    expect(check.outcome).toBe(outcome);
  });
});
