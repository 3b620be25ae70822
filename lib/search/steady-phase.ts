import { UsageError } from '../errors.ts';
import type { Phase, Plan } from '../plan/plan.ts';
import type { Budget } from '../plan/schema/budgets.ts';

/** The phase of an experiment that a search repeats, and the budgets that this phase alone decides. */
export interface SteadyPhase {
  readonly phase: Phase;
  /** Arrivals a second; of a shape that is more than one line, its peak. */
  readonly perSecond: number;
  readonly budgets: readonly Budget[];
  /** What stands on the traffic switch while it lasts: what phases before it have set counts too. */
  readonly traffic: Plan['traffic'];
}

/** `what` is what the search asks about: "capacity is what holds …". UsageError when there is nothing to search with. */
export function steadyPhaseOf(plan: Plan, what: string): SteadyPhase {
  const { steady, phases } = plan.load;
  const index = phases.findIndex(({ name }) => name === steady);
  const phase = phases[index];
  if (phase === undefined) {
    throw new UsageError(`${plan.experiment}: no phase "${steady}" to probe`, {
      hint: `${what} the budgets of the steady phase: name it with load.steady`,
    });
  }
  const budgets = plan.budgets.filter((budget) => isDecidedBy(budget, steady));
  if (budgets.length === 0) {
    throw new UsageError(`${plan.experiment}: no budget in the phase "${steady}" could fail a probe`, {
      hint: 'give it a latency or an errors budget in that phase',
    });
  }
  const traffic = Object.assign({}, plan.traffic, ...phases.slice(0, index + 1).map((before) => before.traffic));
  return { phase, perSecond: ratePerSecondOf(phase), budgets, traffic };
}

/** Budgets that one phase alone decides. */
function isDecidedBy(budget: Budget, phase: string): boolean {
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

function ratePerSecondOf({ fromPerSecond, toPerSecond, shape }: Phase): number {
  if (shape === undefined) return (fromPerSecond + toPerSecond) / 2;
  return Math.max(...shape.map(({ perSecond }) => perSecond));
}
