import type { Phase, Plan } from '../../lib/plan/plan.ts';
import { type Budget, latencyBudgetSchema } from '../../lib/plan/schema/budgets.ts';
import type { System } from '../../lib/plan/schema/system.ts';
import { systemSchema } from '../../lib/plan/schema/system.ts';
import { planSweep } from '../../lib/sweep/settings.ts';
import type { SweepOptions } from '../../lib/sweep/settings.ts';
import type { SweepPlan } from '../../lib/sweep/sweep-plan.ts';

const STARTED = { process: { command: ['x'] }, ports: ['http', 'grpc'] };

/** A monolith and an engine that the harness starts, a store that runs already, and an edge of each protocol. */
export const SYSTEM: System = systemSchema.parse({
  services: { monolith: STARTED, engine: STARTED, store: { url: 'http://127.0.0.1:1' } },
  edges: {
    pricing: { from: 'monolith', to: 'engine.grpc', protocol: 'grpc' },
    ledger: { from: 'monolith', to: 'engine.http', protocol: 'http' },
    store: { from: 'engine', to: '127.0.0.1:1' },
  },
});

export const LATENCY = latencyBudgetSchema.parse({
  name: 'quotes are fast',
  kind: 'latency',
  operation: 'quote',
  phase: 'steady',
  under: '50ms',
  atLeast: '99%',
});

export function phase(name: string, seconds: number, perSecond: number, more: Partial<Phase> = {}): Phase {
  return { name, startMs: 0, endMs: seconds * 1_000, fromPerSecond: perSecond, toPerSecond: perSecond, ...more };
}

export function planOf(
  parts: Partial<Plan> & { readonly phases?: readonly Phase[]; readonly steady?: string } = {},
): Plan {
  const { phases = [phase('warm-up', 5, 20), phase('steady', 20, 100)], steady = 'steady', ...rest } = parts;
  const budgets: readonly Budget[] = [LATENCY];
  return {
    version: 1,
    experiment: 'checkout',
    description: 'what does it take?',
    seed: 7,
    root: '/',
    system: SYSTEM,
    traffic: {},
    load: { scenario: '/s.ts', env: {}, phases, steady, maxVUs: 200, recordWrites: false },
    faults: [],
    drills: [],
    budgets,
    ...rest,
  };
}

export function sweepOf(options: SweepOptions = {}, plan: Plan = planOf()): SweepPlan {
  return planSweep(plan, options);
}
