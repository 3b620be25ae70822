import { describe, expect, test } from 'vitest';
import { pictureRestore } from '../../../lib/judge/drills/restore.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import { between, healthy, operation, times } from '../builders.ts';
import { checkOf, drillPlan, outcomesOf } from './plans.ts';

const PLAN = drillPlan({ kind: 'restore', services: ['engine', 'monolith'], within: '5s', under: '100ms' });
const [ENGINE, MONOLITH] = PLAN.faults.map(({ endMs }) => endMs / 1_000) as [number, number];

/** Nothing succeeds for so many seconds after the kill. */
const broken = (fromSeconds: number, seconds: number) => {
  const phase = fromSeconds < MONOLITH - 2 ? 'restore-engine' : 'restore-monolith';
  return between(fromSeconds - 1, fromSeconds + seconds, {
    operations: [operation({ phase, failedMs: times(100, 5) })],
  });
};

describe('judgeRestore', () => {
  test('a kill that is over in time passes; one check a service', () => {
    const seen = healthy(PLAN, broken(ENGINE, 2));
    expect(outcomesOf(PLAN, seen)).toEqual({ back: 'pass' });
    expect(checkOf('engine:back', PLAN, seen)).toMatchObject({
      catalogue: 'RBK-6',
      service: 'engine',
      outcome: 'pass',
    });
    expect(checkOf('monolith:back', PLAN, seen).outcome).toBe('pass');
  });

  test('a service that does not come back is red, the other is not', () => {
    const seen = healthy(PLAN, broken(MONOLITH, 9));
    expect(checkOf('monolith:back', PLAN, seen).outcome).toBe('fail');
    expect(checkOf('engine:back', PLAN, seen).outcome).toBe('pass');
  });

  test('a kill that was never carried out decides nothing', () => {
    const seen = healthy(PLAN);
    const faults = seen.faults.map((fault) => ({ ...fault, injectedMs: undefined, removedMs: undefined }));
    expect(checkOf('engine:back', PLAN, { ...seen, faults }).outcome).toBe('inconclusive');
  });

  test('the picture has both moments of each kill', () => {
    const drill = PLAN.drills[0] as Drill<'restore'>;
    const { marks } = pictureRestore({ drill, plan: PLAN, observations: healthy(PLAN) });
    expect(marks.map(({ text }) => text)).toEqual([
      'engine killed',
      'engine ready',
      'monolith killed',
      'monolith ready',
    ]);
  });
});
