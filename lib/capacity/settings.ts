import { UsageError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { type CapacitySettings, capacitySchema } from '../plan/schema/capacity.ts';
import { type SteadyPhase, steadyPhaseOf } from '../search/steady-phase.ts';

/** A capacity search with all its settings worked out. */
export interface CapacityPlan {
  readonly plan: Plan;
  readonly settings: CapacitySettings;
  /** The experiment's steady phase, and the budgets that each probe is judged by. */
  readonly steady: SteadyPhase;
  readonly fromPerSecond: number;
  readonly upToPerSecond: number;
}

const UP_TO_TIMES = 20;

/**
 * What `cutover capacity` does with an experiment: its steady phase is what is probed, with the budgets of that phase that
 * need no other one. UsageError when there is nothing to probe with.
 */
export function planCapacity(plan: Plan): CapacityPlan {
  const steady = steadyPhaseOf(plan, 'capacity is what holds');
  const settings = plan.capacity ?? capacitySchema.parse({});
  const fromPerSecond = settings.from ?? steady.perSecond / 2;
  const upToPerSecond = settings.upTo ?? steady.perSecond * UP_TO_TIMES;
  if (!(fromPerSecond > 0) || upToPerSecond < fromPerSecond) {
    throw new UsageError(`${plan.experiment}: no rates to probe between ${fromPerSecond}/s and ${upToPerSecond}/s`, {
      hint: 'capacity.from must be above 0/s and not above capacity.upTo',
    });
  }
  return { plan, settings, steady, fromPerSecond, upToPerSecond };
}
