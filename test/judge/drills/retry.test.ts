import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../lib/plan/plan.ts';
import { seeded } from '../random.ts';
import type { CallerOptions, Retries } from './caller.ts';
import { QUOTES, checkOf, checksThat, drillPlan, outcomesOf } from './plans.ts';
import { simulate } from './simulate.ts';

const ALL = ['amplification', 'jitter'];

function planAt(perSecond: number, parts: object = {}): Plan {
  return drillPlan({ kind: 'retry', on: [QUOTES], ...parts }, perSecond);
}

const PLAN = planAt(100);
/** A retry for each ten calls, and one at once: as many as the default budget allows. */
const BUDGET: Retries = { most: 2, share: 0.1, burst: 1, pauseMs: () => 15 };

function run(retries: Retries | undefined, plan = PLAN, seed = 1, caller: Partial<CallerOptions> = {}) {
  return simulate({ plan, seed, caller: { retries, ...caller } });
}

test('a caller within its budget passes, whatever the load and the clocks', () => {
  const others = Array.from({ length: 60 }, (_, index) => index + 1).flatMap((seed) => {
    const random = seeded(seed * 7_919);
    const perSecond = [20, 60, 140, 300][Math.floor(random() * 4)] ?? 20;
    const plan = planAt(perSecond);
    const retries = { ...BUDGET, pauseMs: () => 40 * random() };
    const arrivals = random() < 0.3 ? 'even' : 'random';
    const answerMs = [2, 5, 15][Math.floor(random() * 3)] ?? 5;
    const observations = simulate({ plan, seed, arrivals, answerMs, offsetMs: 10 * random() - 5, caller: { retries } });
    const outcomes = outcomesOf(plan, observations);
    return Object.keys(outcomes)
      .filter((id) => outcomes[id] !== 'pass')
      .map((id) => ({ seed, perSecond, id, reason: checkOf(id, plan, observations).reason }));
  });
  expect(others).toEqual([]);
}, 60_000);

describe('a defect turns its checks red, and no others', () => {
  const endless = { most: 10, share: Infinity, burst: 0 };
  test.each<[string, Retries, string[]]>([
    ['a storm: no budget, all at the same moments', { ...endless, pauseMs: () => 0, beatMs: 500 }, ALL],
    ['no budget', { ...endless, most: 2, pauseMs: () => 10 }, ['amplification']],
    ['twice the budget', { ...BUDGET, share: 0.2 }, ['amplification']],
  ])('%s', (_, retries, expected) => {
    for (const perSecond of [40, 100]) {
      const plan = planAt(perSecond);
      for (let seed = 1; seed <= 5; seed += 1) {
        expect(checksThat('fail', outcomesOf(plan, run(retries, plan, seed, { deadlineMs: 6_000 })))).toEqual(expected);
      }
    }
  });

  test('calls that stay more after the outage', () => {
    const observations = run(BUDGET);
    const healed = PLAN.drills[0]?.steps.at(-1);
    const doubled = observations.attempts.flatMap((attempt) =>
      attempt.startMs < (healed?.startMs ?? 0) ? [attempt] : [attempt, { ...attempt, startMs: attempt.startMs + 35 }],
    );
    const outcomes = outcomesOf(PLAN, { ...observations, attempts: doubled });
    expect(checksThat('fail', outcomes)).toEqual(['jitter']);
  });

  test('a budget that was declared is the limit', () => {
    const plan = planAt(100, { budget: '130%' });
    expect(checksThat('pass', outcomesOf(plan, run({ ...BUDGET, share: 0.25 }, plan)))).toEqual(ALL);
  });
});

describe('what shows nothing is neither good nor bad', () => {
  test('too few requests', () => {
    const plan = planAt(4);
    const outcomes = outcomesOf(plan, run(BUDGET, plan));
    expect(checksThat('inconclusive', outcomes)).toEqual(ALL);
  });

  test('no call on the edge, or none before the outage', () => {
    const none = simulate({ plan: PLAN, seed: 1, caller: {}, callsPerRequest: 0 });
    expect(checksThat('inconclusive', outcomesOf(PLAN, none))).toEqual(ALL);
    const observations = run(BUDGET);
    const outage = PLAN.drills[0]?.steps[1];
    const attempts = observations.attempts.filter(({ startMs }) => startMs >= (outage?.startMs ?? 0));
    expect(checksThat('inconclusive', outcomesOf(PLAN, { ...observations, attempts }))).toEqual(ALL);
    expect(checkOf('jitter', PLAN, { ...observations, attempts }).reason).toMatch(/before the outage$/);
  });

  test('an outage that no call reached', () => {
    const observations = run(BUDGET);
    const attempts = observations.attempts.filter(({ rule }) => rule === undefined);
    expect(checkOf('amplification', PLAN, { ...observations, attempts }).reason).toMatch(/a circuit breaker may/);
    const signs = [{ atMs: 1, seen: false, detail: '0 of 0 requests were hit' }];
    const faults = observations.faults.map((fault) => ({ ...fault, signs }));
    expect(checksThat('inconclusive', outcomesOf(PLAN, { ...observations, faults }))).toEqual(ALL);
  });

  test('a drill that was cut short, or that could not be carried out', () => {
    const observations = run(BUDGET);
    const cut = outcomesOf(PLAN, { ...observations, loadEndMs: 20_000 });
    expect(cut).toEqual({ amplification: 'pass', jitter: 'inconclusive' });
    expect(checksThat('inconclusive', outcomesOf(PLAN, { ...observations, loadEndMs: 15_000 }))).toEqual(ALL);
    const drills = [{ drill: 'retry', requests: [], probes: [], problem: 'no way' }];
    expect(checksThat('inconclusive', outcomesOf(PLAN, { ...observations, drills }))).toEqual(ALL);
  });
});
