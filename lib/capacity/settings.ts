import { UsageError } from '../errors.ts';
import type { Phase, Plan } from '../plan/plan.ts';
import type { Budget } from '../plan/schema/budgets.ts';
import { type CapacitySettings, capacitySchema } from '../plan/schema/capacity.ts';

/** A capacity search with all its settings worked out. */
export interface CapacityPlan {
  readonly plan: Plan;
  readonly settings: CapacitySettings;
  /** The rate of the experiment's steady phase, a second. */
  readonly steadyPerSecond: number;
  readonly fromPerSecond: number;
  readonly upToPerSecond: number;
  /** The budgets that each probe is judged by. */
  readonly budgets: readonly Budget[];
}

const UP_TO_TIMES = 20;

/**
 * What `cutover capacity` does with an experiment: its steady phase is what is probed, with the budgets of that phase that
 * need no other one. UsageError when there is nothing to probe with.
 */
export function planCapacity(plan: Plan): CapacityPlan {
  const { steady, phases } = plan.load;
  const phase = phases.find(({ name }) => name === steady);
  if (phase === undefined) {
    throw new UsageError(`${plan.experiment}: no phase "${steady}" to probe`, {
      hint: 'capacity is what holds the budgets of the steady phase: name it with load.steady',
    });
  }
  const budgets = plan.budgets.filter((budget) => isOf(budget, steady));
  if (budgets.length === 0) {
    throw new UsageError(`${plan.experiment}: no budget in the phase "${steady}" could fail a probe`, {
      hint: 'give it a latency or an errors budget in that phase',
    });
  }
  const settings = plan.capacity ?? capacitySchema.parse({});
  const steadyPerSecond = ratePerSecondOf(phase);
  const fromPerSecond = settings.from ?? steadyPerSecond / 2;
  const upToPerSecond = settings.upTo ?? steadyPerSecond * UP_TO_TIMES;
  if (!(fromPerSecond > 0) || upToPerSecond < fromPerSecond) {
    throw new UsageError(`${plan.experiment}: no rates to probe between ${fromPerSecond}/s and ${upToPerSecond}/s`, {
      hint: 'capacity.from must be above 0/s and not above capacity.upTo',
    });
  }
  return { plan, settings, steadyPerSecond, fromPerSecond, upToPerSecond, budgets };
}

/** Budgets that one phase alone decides. */
function isOf(budget: Budget, phase: string): boolean {
  switch (budget.kind) {
    case 'latency':
    case 'errors':
    case 'throughput':
    case 'cpu':
    case 'memory':
      return budget.phase === phase;
    // They compare with another phase, need a long one, or are about refusals: no measure of a probe.
    case 'recovery':
    case 'latency-rise':
    case 'goodput':
    case 'rejections':
    case 'quota':
    case 'cpu-per-request':
    case 'memory-growth':
      return false;
    default:
      return budget satisfies never;
  }
}

/** Of a shape that is more than one line, its peak. */
function ratePerSecondOf({ fromPerSecond, toPerSecond, shape }: Phase): number {
  if (shape === undefined) return (fromPerSecond + toPerSecond) / 2;
  return Math.max(...shape.map(({ perSecond }) => perSecond));
}
