import { describe, expect, test } from 'vitest';
import { budgetSchema } from '../../lib/plan/schema/budgets.ts';
import { systemSchema } from '../../lib/plan/schema/system.ts';
import { schedule } from '../../chaos/schedule.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { cellPlan, loadMsOf } from '../../lib/sweep/cell-plan.ts';
import type { SweepOptions } from '../../lib/sweep/settings.ts';
import { LATENCY, phase, planOf, sweepOf } from './plans.ts';

function cell(options: SweepOptions = {}, plan: Plan = planOf(), level = 0): Plan {
  const sweep = sweepOf(options, plan);
  const [track] = sweep.tracks;
  if (track === undefined) throw new Error('nothing is tried');
  return cellPlan(sweep, track, level);
}

const lengths = ({ load }: Plan) => load.phases.map(({ name, startMs, endMs }) => [name, (endMs - startMs) / 1_000]);

const ALL_STARTED = systemSchema.parse({
  services: { shop: { process: { command: ['x'] }, ports: ['http'] } },
  edges: { shop: { from: 'client', to: 'shop.http', protocol: 'http' } },
});

describe('a cell’s plan', () => {
  test('is a warm-up, the steady phase, the fault and a recovery, all at the steady rate', () => {
    const plan = cell({ faults: 'latency' }, planOf({ system: ALL_STARTED }));
    expect(lengths(plan)).toEqual([
      ['warm-up', 2],
      ['steady', 4],
      ['fault', 5],
      ['recovery', 3],
    ]);
    for (const { fromPerSecond, toPerSecond } of plan.load.phases)
      expect([fromPerSecond, toPerSecond]).toEqual([100, 100]);
    expect(plan.faults).toEqual([
      {
        name: 'latency-shop',
        kind: 'latency',
        edge: 'shop',
        direction: 'replies',
        connections: 1,
        latencyMs: 5,
        jitterMs: 0,
        startMs: 6_000,
        endMs: 11_000,
      },
    ]);
  });

  test('warms up for longer where a service runs already: it has had the fault before', () => {
    expect(lengths(cell())[0]).toEqual(['warm-up', 7]);
  });

  test('has the steady phase’s variables, and the traffic that is in force in it', () => {
    const phases = [
      phase('ramp', 5, 20, { traffic: { pricing: 'shadow', ledger: { canary: 10 } }, env: { KEYS: 'hot:1' } }),
      phase('steady', 20, 80, { traffic: { pricing: 'full' }, env: { KEYS: 'zipf:1.1' } }),
      phase('after', 20, 80, { traffic: { ledger: 'off' } }),
    ];
    const plan = cell({}, planOf({ phases, traffic: { pricing: 'off', audit: 'off' } }));
    expect(plan.traffic).toEqual({ pricing: 'full', ledger: { canary: 10 }, audit: 'off' });
    expect(plan.load.phases.map(({ env }) => env)).toEqual(Array.from({ length: 4 }, () => ({ KEYS: 'zipf:1.1' })));
    expect(plan.load.phases.every(({ traffic }) => traffic === undefined)).toBe(true);
  });

  test('judges the budgets of the steady phase in it and during the fault, and no others', () => {
    const others = [
      { kind: 'errors', phase: 'fault-of-experiment', atMost: '1%' },
      { kind: 'recovery', after: 'x', within: '5s', under: '50ms', atLeast: '95%' },
    ].map((budget) => budgetSchema.parse(budget));
    const plan = cell({}, planOf({ budgets: [...others, LATENCY] }));
    expect(plan.budgets).toEqual([LATENCY, { ...LATENCY, phase: 'fault' }]);
  });

  test('is long enough for the events that a budget asks for, but never a minute', () => {
    const asking = (minEvents: number) => planOf({ budgets: [{ ...LATENCY, minEvents }] });
    expect(lengths(cell({}, asking(400))).slice(1, 3)).toEqual([
      ['steady', 8],
      ['fault', 8],
    ]);
    expect(lengths(cell({}, asking(1_000_000))).slice(1, 3)).toEqual([
      ['steady', 60],
      ['fault', 60],
    ]);
  });

  test('has no comparison, no capacity, no drills', () => {
    const plan = cell({}, planOf({ capacity: {} as never, comparison: {} as never, drills: [{} as never] }));
    expect(plan).not.toHaveProperty('capacity');
    expect(plan).not.toHaveProperty('comparison');
    expect(plan.drills).toEqual([]);
  });

  test('keeps its names apart where the experiment calls its steady phase "fault"', () => {
    const budgets = [{ ...LATENCY, phase: 'fault' }];
    const plan = cell({}, planOf({ phases: [phase('fault', 9, 50)], steady: 'fault', budgets }));
    expect(lengths(plan).map(([name]) => name)).toEqual(['warm-up', 'fault', 'fault-of-cell', 'recovery']);
    expect(plan.budgets.map((budget) => 'phase' in budget && budget.phase)).toEqual(['fault', 'fault-of-cell']);
  });
});

test('each kind at each intensity is a fault of that phase alone, with a schedule', () => {
  const sweep = sweepOf();
  const told = new Set<string>();
  for (const track of sweep.tracks) {
    for (const [level] of track.ladder.entries()) {
      const plan = cellPlan(sweep, track, level);
      const [fault, ...others] = plan.faults;
      expect(others).toEqual([]);
      if (fault === undefined) throw new Error('no fault');
      expect(fault.kind).toBe(track.kind);
      const window = plan.load.phases.find(({ name }) => name === 'fault');
      expect(fault.startMs).toBe(window?.startMs);
      expect(fault.endMs).toBeLessThanOrEqual(window?.endMs ?? 0);
      expect(fault.endMs).toBeGreaterThan(fault.startMs);
      expect(loadMsOf(plan)).toBeGreaterThan(fault.endMs);
      expect(schedule(plan.faults).length).toBeGreaterThan(2);
      told.add(JSON.stringify(fault));
    }
  }
  // No two cells do the same.
  expect(told.size).toBe(sweep.tracks.reduce((sum, { ladder }) => sum + ladder.length, 0));
});
