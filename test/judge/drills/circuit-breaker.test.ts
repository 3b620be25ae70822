import { describe, expect, test } from 'vitest';
import type { Observations } from '../../../lib/observe/observations.ts';
import type { BreakerDefect } from './breaker.ts';
import { breakerPlan, breakerRun, contractOf } from './breaker-contract.ts';
import { checkOf, checksThat, outcomesOf } from './plans.ts';
import { simulate } from './simulate.ts';

const CONTRACT = {
  ...contractOf(1, [100]),
  threshold: 5,
  openTimeMs: 1_000,
  halfOpen: 1,
  callTimeoutMs: 500,
  answerMs: 5,
};
const HEALTHY = breakerRun(CONTRACT, 1);
const ALL = [
  'opens',
  'fails-fast',
  'holds',
  'half-open',
  'recovers',
  'stays-closed',
  'ignores-client-errors',
  'contains',
];

function inconclusiveOf(observations: Observations): string[] {
  return checksThat('inconclusive', outcomesOf(HEALTHY.plan, observations));
}

describe('a caller that keeps its contract', () => {
  test('passes', () => {
    expect(checksThat('pass', outcomesOf(HEALTHY.plan, HEALTHY.observations))).toEqual(ALL);
  });

  test('is never red, whatever the contract, the load and the clocks', () => {
    const red = Array.from({ length: 80 }, (_, index) => index + 1).flatMap((seed) => {
      const { plan, observations } = breakerRun(contractOf(seed, [20, 20, 60, 60, 140, 500]), seed);
      return checksThat('fail', outcomesOf(plan, observations)).map((id) => ({ seed, id }));
    });
    expect(red).toEqual([]);
  }, 120_000);

  test('answers to calls from before the fault make it forget failures', () => {
    const slow = { ...CONTRACT, threshold: 3, perSecond: 30, callTimeoutMs: 150, answerMs: 60, openTimeMs: 2_000 };
    for (let seed = 1; seed <= 40; seed += 1) {
      const { plan, observations } = breakerRun({ ...slow, arrivals: 'random' }, seed, undefined, { spread: 0.2 });
      expect(checksThat('fail', outcomesOf(plan, observations))).toEqual([]);
    }
  });

  test('clocks apart: calls seem to come before the step that they belong to', () => {
    const contract = { ...CONTRACT, perSecond: 500, offsetMs: -9, fallback: false, arrivals: 'even' } as const;
    const { plan, observations } = breakerRun(contract, 1);
    expect(checkOf('fails-fast', plan, observations).outcome).toBe('pass');
  });

  test('passes everything where the load is enough', () => {
    const others = Array.from({ length: 30 }, (_, index) => index + 1).flatMap((seed) => {
      const { plan, observations } = breakerRun(contractOf(seed, [60, 100]), seed);
      const outcomes = outcomesOf(plan, observations);
      return Object.keys(outcomes).filter((id) => outcomes[id] !== 'pass');
    });
    expect(others).toEqual([]);
  }, 60_000);
});

describe('a defect turns its checks red, and no others', () => {
  test.each<[BreakerDefect, string[]]>([
    ['never-opens', ['opens', 'fails-fast']],
    ['eager', ['holds']],
    ['stampede', ['half-open']],
    ['stuck', ['recovers']],
    ['trips-on-client-errors', ['ignores-client-errors']],
    // A place that is never free again keeps it from closing too.
    ['wedged', ['half-open', 'recovers']],
  ])(
    '%s: %j',
    (defect, expected) => {
      for (let seed = 1; seed <= 25; seed += 1) {
        const contract = contractOf(seed, [60, 100]);
        const { plan, observations } = breakerRun(contract, seed, defect);
        expect({ seed, contract, red: checksThat('fail', outcomesOf(plan, observations)) }).toEqual({
          seed,
          contract,
          red: expected,
        });
      }
    },
    60_000,
  );

  test.each<[BreakerDefect, string]>([
    ['counts-all', 'stays-closed'],
    ['opens-too-soon', 'stays-closed'],
    ['leaks', 'opens'],
    ['reopens', 'recovers'],
  ])('%s: %s', (defect, expected) => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const contract = { ...contractOf(seed, [60, 100]), threshold: 5, openTimeMs: 2_000 };
      const { plan, observations } = breakerRun(contract, seed, defect);
      expect(checksThat('fail', outcomesOf(plan, observations))).toContain(expected);
    }
  });

  test('a shared pool: only that others wait', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const { plan, observations } = breakerRun(contractOf(seed, [60]), seed, undefined, { sharesPool: true });
      expect(checksThat('fail', outcomesOf(plan, observations))).toEqual(['contains']);
    }
  });

  test("no time-out: a probe that hangs as long as the callee does is not the breaker's doing", () => {
    const endless = { callTimeoutMs: Infinity, deadlineMs: Infinity };
    const breaker = { ...CONTRACT, defect: undefined };
    const { plan, observations } = breakerRun(CONTRACT, 1, undefined, { caller: { ...endless, breaker } });
    expect(checksThat('fail', outcomesOf(plan, observations))).toEqual([]);
    expect(checkOf('half-open', plan, observations)).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringMatching(/a call without its time-out is TMO-1's/),
    });
  });

  test('slow refusals', () => {
    const ownMs = () => 20;
    const { plan, observations } = breakerRun(CONTRACT, 1, undefined, { caller: { ownMs, breaker: CONTRACT } });
    expect(checksThat('fail', outcomesOf(plan, observations))).toEqual(['fails-fast']);
  });

  test('refusals where a fallback was declared', () => {
    const contract = { ...CONTRACT, fallback: true };
    const caller = { fallback: false, breaker: CONTRACT };
    const { plan, observations } = breakerRun(contract, 1, undefined, { caller });
    expect(checksThat('fail', outcomesOf(plan, observations))).toEqual(['fails-fast']);
  });
});

describe('what shows nothing is neither good nor bad', () => {
  test('one or a few calls of many that went wrong after it was back', () => {
    const { plan, observations } = HEALTHY;
    const broken = (amount: number) => {
      const late = new Set(observations.attempts.slice(-amount - 50, -50));
      const attempts = observations.attempts.map((one) =>
        late.has(one) ? { ...one, outcome: 'broken' as const } : one,
      );
      return checkOf('recovers', plan, { ...observations, attempts }).outcome;
    };
    expect([1, 3, 6, 30].map(broken)).toEqual(['pass', 'pass', 'inconclusive', 'fail']);
  });

  test('no call on the edge', () => {
    const observations = simulate({ plan: HEALTHY.plan, seed: 1, caller: {}, callsPerRequest: 0 });
    expect(inconclusiveOf(observations)).toEqual(ALL);
  });

  test('faults that touched no traffic', () => {
    const { observations } = HEALTHY;
    const signs = [{ atMs: 1, seen: false, detail: '0 of 0 requests were hit' }];
    expect(
      inconclusiveOf({
        ...observations,
        attempts: observations.attempts.filter(({ rule }) => rule === undefined),
        faults: observations.faults.map((fault) => ({ ...fault, signs })),
      }),
    ).toEqual(ALL);
  });

  test('faults that never came into force', () => {
    expect(inconclusiveOf({ ...HEALTHY.observations, faults: [], attempts: [] })).toEqual(ALL);
  });

  test('a drill that could not be carried out', () => {
    const { observations, plan } = HEALTHY;
    const broken = {
      ...observations,
      drills: [{ drill: 'circuit-breaker', requests: [], probes: [], problem: 'no way' }],
    };
    expect(inconclusiveOf(broken)).toEqual(ALL);
    expect(checkOf('opens', plan, broken).reason).toBe('the drill could not be carried out: no way');
  });

  test('a step that was cut short, or not reached', () => {
    const { plan, observations } = HEALTHY;
    const failing = plan.drills[0]?.steps.find(({ step }) => step === 'failing');
    const cut = { ...observations, loadEndMs: (failing?.endMs ?? 0) - 2_000 };
    expect(checksThat('pass', outcomesOf(plan, cut))).toEqual(['stays-closed', 'ignores-client-errors', 'contains']);
    expect(checkOf('opens', plan, cut).reason).toMatch(/^would pass .* but the load ended after/);
    expect(checkOf('recovers', plan, cut).reason).toMatch(/^not reached/);
    expect(inconclusiveOf({ ...observations, loadEndMs: 9_000 })).toEqual(ALL);
  });

  test('too few requests to reach the threshold', () => {
    const { plan, observations } = breakerRun({ ...CONTRACT, threshold: 900 }, 1);
    const outcomes = outcomesOf(plan, observations);
    expect(checksThat('fail', outcomes)).toEqual([]);
    expect(checksThat('pass', outcomes)).toEqual(['contains']);
    expect(checkOf('opens', plan, observations).reason).toMatch(
      /fewer than the threshold: the breaker was never reached$/,
    );
  });

  test('too few requests at all', () => {
    const { plan, observations } = breakerRun({ ...CONTRACT, perSecond: 2 }, 1);
    const outcomes = outcomesOf(plan, observations);
    expect(checksThat('fail', outcomes)).toEqual([]);
    expect(checksThat('pass', outcomes)).toEqual(['contains']);
  });

  test('a load too low to crowd a probe', () => {
    const contract = { ...CONTRACT, perSecond: 60, halfOpen: 3, callTimeoutMs: 50, decides: 'first' } as const;
    const { plan, observations } = breakerRun(contract, 1);
    expect(checkOf('half-open', plan, observations)).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringMatching(/only [23]\.\d calls were to be expected while one does/),
    });
  });

  test('answers that overtook one another to a row of failures', () => {
    const contract = { ...CONTRACT, perSecond: 500, threshold: 3, answerMs: 30, arrivals: 'even' } as const;
    // Closer together than the drill itself lays them.
    const laidOut = breakerPlan(contract);
    const faults = laidOut.faults.map((fault) =>
      'pattern' in fault ? { ...fault, pattern: { count: 2, of: 7 } } : fault,
    );
    const { plan, observations } = breakerRun(contract, 1, undefined, {}, { ...laidOut, faults });
    expect(checksThat('fail', outcomesOf(plan, observations))).toEqual([]);
    expect(checkOf('stays-closed', plan, observations).reason).toMatch(/may have overtaken one another/);
  });

  test('an observation that is damaged', () => {
    const damaged = { ...HEALTHY.observations, attempts: undefined } as unknown as Observations;
    const outcomes = outcomesOf(HEALTHY.plan, damaged);
    expect(checksThat('inconclusive', outcomes)).toEqual(ALL.filter((id) => id !== 'contains'));
  });
});

test('a threshold of one has nothing below it', () => {
  const plan = breakerPlan({ ...CONTRACT, threshold: 1 });
  expect(Object.keys(outcomesOf(plan, HEALTHY.observations))).not.toContain('stays-closed');
});
