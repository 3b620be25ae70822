import type { Check } from '../../reports/model/verdict.ts';
import type { Observations, Second } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import type { Budget, RecoveryBudget } from '../plan/schema/budgets.ts';
import { judgeCpu } from './cpu.ts';
import { judgeErrors } from './errors.ts';
import { plannedEndMs } from './integrity.ts';
import { judgeLatency } from './latency.ts';
import { judgeMemory } from './memory.ts';
import { judgeRecovery } from './recovery.ts';
import { judgeThroughput } from './throughput.ts';

/** A budget of one phase: the seconds of the run are all that it takes to judge it. */
export type PhaseBudget = Exclude<Budget, RecoveryBudget>;

export interface NamedBudget<Kind extends Budget = Budget> {
  readonly id: string;
  readonly budget: Kind;
}

/**
 * Gives each budget an id that stays the same as long as the budget does, such as "latency:quote:steady" or, with a
 * protocol, "latency:quote:grpc:steady"; budgets on the same thing get "-2", "-3" in the order of the plan.
 */
export function nameBudgets(budgets: readonly Budget[]): readonly NamedBudget[] {
  const natural = new Set(budgets.map(naturalId));
  const taken = new Set<string>();
  return budgets.map((budget) => {
    const base = naturalId(budget);
    let id = base;
    for (let number = 2; taken.has(id) || (id !== base && natural.has(id)); number++) id = `${base}-${number}`;
    taken.add(id);
    return { id, budget };
  });
}

function naturalId(budget: Budget): string {
  switch (budget.kind) {
    case 'latency':
    case 'errors':
      return joined(budget.kind, budget.operation, budget.protocol, budget.phase);
    case 'throughput':
      return joined(budget.kind, budget.phase);
    case 'cpu':
    case 'memory':
      return joined(budget.kind, budget.service, budget.phase);
    case 'recovery':
      return joined(budget.kind, budget.operation, budget.protocol, budget.after);
    default:
      return budget satisfies never;
  }
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(':');
}

export function judgeBudget({ id, budget }: NamedBudget, plan: Plan, observations: Observations): Check {
  return budget.kind === 'recovery'
    ? judgeRecovery(id, budget, plan, observations)
    : judgePhaseBudget({ id, budget }, plan, observations.seconds);
}

export function judgePhaseBudget(
  { id, budget }: NamedBudget<PhaseBudget>,
  plan: Plan,
  seconds: readonly Second[],
): Check {
  // Seconds after the planned end belong to the last phase: for requests that end late, but not for resource use.
  const underLoad = seconds.filter(({ t }) => t * 1_000 < plannedEndMs(plan));
  switch (budget.kind) {
    case 'latency':
      return judgeLatency(id, budget, seconds);
    case 'errors':
      return judgeErrors(id, budget, seconds);
    case 'throughput':
      return judgeThroughput(id, budget, seconds);
    case 'cpu':
      return judgeCpu(id, budget, underLoad);
    case 'memory':
      return judgeMemory(id, budget, underLoad);
    default:
      return budget satisfies never;
  }
}
