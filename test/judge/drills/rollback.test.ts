import { describe, expect, test } from 'vitest';
import type { DrillMark, Observations, Second } from '../../../lib/observe/observations.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { drillResults } from '../../../lib/judge/drills/picture.ts';
import { healthy, operation, times } from '../builders.ts';
import { checkOf, drillPlan, outcomesOf } from './plans.ts';

const RATE = 100;
/** Steady to 10 s, shifted to 15 s, bad to 28 s, after to 30 s. */
const ROLLBACK = {
  kind: 'rollback',
  traffic: { pricing: { canary: 50 } },
  fault: { kind: 'latency', edge: 'orders-pricing', latency: '300ms' },
  budget: { operation: 'quote', under: '100ms', atLeast: '90%' },
  within: '7s',
};

interface Told {
  /** Seconds in which half of the requests are slow, and some of those that fail. */
  readonly slow?: readonly [from: number, to: number];
  readonly failing?: readonly [second: number, share: number];
  readonly marks?: readonly (readonly [event: string, atMs: number])[];
}

const MARKS = [
  ['detected', 17_500],
  ['asked', 18_500],
  ['applied', 18_520],
] as const;

function seenIn(plan: Plan, { slow = [15, 19], failing, marks = MARKS }: Told): Observations {
  const observations = healthy(plan, (same): Second => {
    const isSlow = same.t >= slow[0] && same.t < slow[1];
    const failed = failing?.[0] === same.t ? Math.round(failing[1] * RATE) : 0;
    const [fast, late] = isSlow ? [RATE / 2, RATE / 2] : [RATE, 0];
    const okMs = [...times(fast - failed, 5), ...times(late, 300)];
    return { ...same, operations: [operation({ phase: same.phase, okMs, failedMs: times(failed, 5) })] };
  });
  const told = marks.map(([event, atMs]): DrillMark => ({ event, atMs, text: event }));
  return { ...observations, drills: [{ drill: 'rollback', requests: [], probes: [], marks: told }] };
}

function outcomes(told: Told, changes: object = {}): Record<string, string> {
  const plan = drillPlan({ ...ROLLBACK, ...changes }, RATE);
  return outcomesOf(plan, seenIn(plan, told));
}

describe('RBK-2', () => {
  test('well again in time: pass, with its stages', () => {
    const plan = drillPlan(ROLLBACK, RATE);
    const observations = seenIn(plan, {});
    const check = checkOf('recovers', plan, observations);
    expect(check).toMatchObject({ outcome: 'pass', catalogue: 'RBK-2', measured: '4 s' });
    expect(check.evidence).toMatchObject({ detectMs: 2_500, decideMs: 1_000, shiftMs: 20, drainMs: 480 });
    const [result] = drillResults(plan, observations, [check]);
    expect(result?.details).toEqual([
      {
        kind: 'stages',
        title: 'From the trigger to recovery',
        stages: [
          { name: 'detect', startMs: 15_000, endMs: 17_500, detail: '2.5 s' },
          { name: 'decide', startMs: 17_500, endMs: 18_500, detail: '1 s' },
          { name: 'shift', startMs: 18_500, endMs: 18_520, detail: '20 ms' },
          { name: 'drain', startMs: 18_520, endMs: 19_000, detail: '480 ms' },
        ],
        limitMs: 22_000,
      },
    ]);
  });

  test.each<[string, Told, object, string]>([
    ['routes that follow late', { slow: [15, 25] }, {}, 'fail'],
    ['never well again', { slow: [15, 28] }, {}, 'fail'],
    ['at the limit: windows are too coarse', { slow: [15, 23] }, {}, 'inconclusive'],
    ['a fault that nobody felt', { slow: [0, 0] }, {}, 'inconclusive'],
    ['one bad window only', { slow: [15, 16], marks: [] }, {}, 'inconclusive'],
    ['bad windows that were not acted on', { slow: [15, 28], marks: [] }, {}, 'inconclusive'],
    ['marks without bad windows', { slow: [16, 17] }, {}, 'inconclusive'],
    ['bad before the fault already', { slow: [10, 19] }, {}, 'inconclusive'],
    ['asked for and never seen in force', { slow: [15, 28], marks: MARKS.slice(0, 2) }, {}, 'fail'],
    ['an operation that is not there', {}, { budget: { ...ROLLBACK.budget, operation: 'cart' } }, 'inconclusive'],
  ])('%s', (_, told, changes, expected) => {
    expect(outcomes(told, changes)['recovers']).toBe(expected);
  });

  test('says what was late', () => {
    const plan = drillPlan(ROLLBACK, RATE);
    const { reason } = checkOf('recovers', plan, seenIn(plan, { slow: [15, 25] }));
    expect(reason).toBe(
      'well again only 10 s after the trigger: detected after 2.5 s, decided 1 s later, in force 20 ms after that; at most 7 s allowed',
    );
  });

  test('a candidate that is bad by itself: from its traffic on', () => {
    const { fault: _, ...rest } = ROLLBACK;
    const plan = drillPlan(rest, RATE);
    const told = { slow: [10, 14], marks: MARKS.map(([event, atMs]) => [event, atMs - 5_000] as const) } as const;
    const observations = {
      ...seenIn(plan, told),
      switches: [{ phase: 'rollback-bad', askedMs: 10_000, appliedMs: 10_030, error: undefined }],
    };
    expect(checkOf('recovers', plan, observations)).toMatchObject({ outcome: 'pass', measured: '3.97 s' });
    expect(checkOf('recovers', plan, { ...observations, switches: [] }).outcome).toBe('inconclusive');
  });

  test('a drill that could not be carried out, or a run that ended in it', () => {
    const plan = drillPlan(ROLLBACK, RATE);
    const observations = seenIn(plan, {});
    const [drill] = observations.drills;
    const broken = { ...observations, drills: drill === undefined ? [] : [{ ...drill, problem: 'no kill switch' }] };
    expect(checkOf('recovers', plan, broken).reason).toContain('no kill switch');
    expect(checkOf('recovers', plan, { ...observations, loadEndMs: 20_000 }).outcome).toBe('inconclusive');
  });
});

describe('RBK-3', () => {
  test.each<[string, Told, object, string]>([
    ['nothing fails', {}, {}, 'pass'],
    ['failures while it is shifted', { failing: [19, 0.05] }, {}, 'fail'],
    ['as many as are allowed', { failing: [19, 0.05] }, { disruption: '2%' }, 'pass'],
    ['failures before it was asked for', { failing: [16, 0.3] }, {}, 'pass'],
    ['failures after it was over', { failing: [24, 0.3] }, {}, 'pass'],
    ['nothing was rolled back', { slow: [0, 0] }, {}, 'inconclusive'],
  ])('%s', (_, told, changes, expected) => {
    expect(outcomes(told, changes)['disruption']).toBe(expected);
  });
});
