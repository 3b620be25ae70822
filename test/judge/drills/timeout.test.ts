import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../lib/plan/plan.ts';
import { seeded } from '../random.ts';
import type { CallerOptions } from './caller.ts';
import { QUOTES, checkOf, checksThat, drillPlan, outcomesOf } from './plans.ts';
import { simulate } from './simulate.ts';

const ALL = ['ends', 'starts', 'propagates'];

function planAt(perSecond: number, parts: object = {}): Plan {
  return drillPlan({ kind: 'timeout', on: [QUOTES], deadline: '1s', slack: '50ms', for: '8s', ...parts }, perSecond);
}

const PLAN = planAt(100);
/** One call may take 300 ms, and is made up to three times within the deadline. */
const KEEPS: Partial<CallerOptions> = {
  callTimeoutMs: 300,
  deadlineMs: 1_000,
  retries: { most: 2, share: 0.2, burst: 10, pauseMs: () => 20, timeouts: true },
};

function run(caller: Partial<CallerOptions>, plan = PLAN, seed = 1) {
  return simulate({ plan, seed, caller: { ...KEEPS, ...caller } });
}

const HEALTHY = run({});

test('a caller that keeps its deadline passes, whatever the load and the clocks', () => {
  const others = Array.from({ length: 60 }, (_, index) => index + 1).flatMap((seed) => {
    const random = seeded(seed * 7_919);
    const perSecond = [40, 60, 140][Math.floor(random() * 3)] ?? 40;
    const answerMs = [2, 5, 15][Math.floor(random() * 3)] ?? 5;
    const plan = planAt(perSecond, { share: '20%' });
    const arrivals = random() < 0.5 ? 'even' : 'random';
    const observations = simulate({ plan, seed, arrivals, answerMs, offsetMs: 10 * random() - 5, caller: KEEPS });
    const outcomes = outcomesOf(plan, observations);
    return Object.keys(outcomes)
      .filter((id) => outcomes[id] !== 'pass')
      .map((id) => ({ seed, id, reason: checkOf(id, plan, observations).reason }));
  });
  expect(others).toEqual([]);
}, 60_000);

describe('a defect turns its checks red, and no others', () => {
  test.each<[string, Partial<CallerOptions>, string[]]>([
    ['no time-out', { callTimeoutMs: Infinity, deadlineMs: Infinity, retries: undefined }, ['ends', 'propagates']],
    ['no time-out, and tries after it', { callTimeoutMs: Infinity, deadlineMs: Infinity }, ALL],
    ['a deadline that is longer', { callTimeoutMs: 3_000, deadlineMs: 9_000 }, ALL],
    ['a longer deadline, in calls that say little', { deadlineMs: 3_000, retries: undefined }, []],
    [
      'tries that go on after the deadline',
      {
        callTimeoutMs: 700,
        retries: { most: 5, share: Infinity, burst: 10, pauseMs: () => 50, timeouts: true, late: true },
      },
      ['starts'],
    ],
    ['calls that do not say how long they will wait', { propagates: false }, ['propagates']],
  ])('%s', (_, caller, expected) => {
    for (let seed = 1; seed <= 5; seed += 1) {
      expect(checksThat('fail', outcomesOf(PLAN, run(caller, PLAN, seed)))).toEqual(expected);
    }
  });
});

describe('what shows nothing is neither good nor bad', () => {
  test('calls without a trace id', () => {
    const observations = run({ traces: false });
    expect(outcomesOf(PLAN, observations)).toEqual({ ends: 'pass', starts: 'inconclusive', propagates: 'pass' });
    expect(checkOf('starts', PLAN, observations).reason).toMatch(/calls carry no trace id$/);
  });

  test('an edge over HTTP whose header is not known', () => {
    const [name, edge] = Object.entries(PLAN.system.edges)[0] ?? ['', undefined];
    if (edge === undefined) throw new Error('no edge');
    const over = (tap: typeof edge.tap) => ({
      ...PLAN,
      system: { ...PLAN.system, edges: { [name]: { ...edge, protocol: 'http' as const, tap } } },
    });
    const unknown = over({ side: 'callee' });
    expect(outcomesOf(unknown, HEALTHY)).toEqual({ ends: 'pass', starts: 'pass', propagates: 'inconclusive' });
    expect(checkOf('propagates', unknown, HEALTHY).hint).toMatch(/tap\.timeoutHeader/);
    const known = over({ side: 'callee', timeoutHeader: 'x-timeout-ms' });
    expect(checkOf('propagates', known, HEALTHY).outcome).toBe('pass');
  });

  test('too few calls that hung', () => {
    const plan = planAt(100, { share: '1%' });
    const observations = run({}, plan);
    expect(checksThat('inconclusive', outcomesOf(plan, observations))).toEqual(ALL);
    expect(checkOf('ends', plan, observations).reason).toMatch(/^only \d+ calls? hung, at least 20/);
  });

  test('a fault that touched no traffic, and none at all', () => {
    const none = simulate({ plan: PLAN, seed: 1, caller: KEEPS, callsPerRequest: 0 });
    expect(checksThat('inconclusive', outcomesOf(PLAN, none))).toEqual(ALL);
    const only = planAt(100, { on: [{ ...QUOTES, calls: ['/cutover.v1.Pricing/Quote'] }] });
    const other = simulate({ plan: only, seed: 1, caller: KEEPS, call: '/other/Call' });
    expect(checksThat('inconclusive', outcomesOf(only, other))).toEqual(ALL);
  });

  test('a drill that was cut short, or that could not be carried out', () => {
    const cut = { ...HEALTHY, loadEndMs: 15_000 };
    expect(checksThat('inconclusive', outcomesOf(PLAN, cut))).toEqual(ALL);
    const drills = [{ drill: 'timeout', requests: [], probes: [], problem: 'no way' }];
    expect(checksThat('inconclusive', outcomesOf(PLAN, { ...HEALTHY, drills }))).toEqual(ALL);
  });

  test('one or two late requests of many', () => {
    // Two of 1,300 take longer than they may, for whatever reason.
    const late = { ...HEALTHY, seconds: HEALTHY.seconds.map((second) => ({ ...second })) };
    const hanging = PLAN.drills[0]?.steps[0];
    const at = Math.floor((hanging?.startMs ?? 0) / 1_000) + 2;
    late.seconds = late.seconds.map((second) =>
      second.t !== at
        ? second
        : {
            ...second,
            operations: second.operations.map((window) =>
              window.operation !== 'quote'
                ? window
                : {
                    ...window,
                    succeeded: { ...window.succeeded, count: window.succeeded.count + 2 },
                  },
            ),
          },
    );
    expect(checkOf('ends', PLAN, late)).toMatchObject({
      outcome: 'inconclusive',
      measured: expect.stringMatching(/^2 of/),
    });
  });
});
