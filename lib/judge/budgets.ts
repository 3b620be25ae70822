import type { Check } from '../../reports/model/verdict.ts';
import type { Observations, Second } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import type { Budget, RecoveryBudget } from '../plan/schema/budgets.ts';
import { judgeCpuPerRequest } from './cpu-per-request.ts';
import { judgeCpu } from './cpu.ts';
import { judgeErrors } from './errors.ts';
import { judgeGoodput } from './goodput.ts';
import { plannedEndMs } from './integrity.ts';
import { judgeLatencyRise } from './latency-rise.ts';
import { judgeLatency } from './latency.ts';
import { judgeMemoryGrowth } from './memory-growth.ts';
import { judgeMemory } from './memory.ts';
import { judgeQuota } from './quota.ts';
import { judgeRecovery } from './recovery.ts';
import { judgeRejections } from './rejections.ts';
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
    case 'latency-rise':
    case 'goodput':
    case 'rejections':
    case 'quota':
      return joined(budget.kind, budget.operation, budget.protocol, budget.phase);
    case 'throughput':
      return joined(budget.kind, budget.phase);
    case 'cpu':
    case 'memory':
    case 'cpu-per-request':
    case 'memory-growth':
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

/** The phases that a budget needs whole. */
export function phasesOf(budget: Budget): readonly string[] {
  if (budget.kind === 'recovery') return [];
  return 'against' in budget ? [budget.phase, budget.against] : [budget.phase];
}

export function judgeBudget({ id, budget }: NamedBudget, plan: Plan, observations: Observations): Check {
  return budget.kind === 'recovery'
    ? inCatalogue(budget, judgeRecovery(id, budget, plan, observations))
    : judgePhaseBudget({ id, budget }, plan, observations.seconds);
}

export function judgePhaseBudget(
  { id, budget }: NamedBudget<PhaseBudget>,
  plan: Plan,
  seconds: readonly Second[],
): Check {
  return inCatalogue(budget, checkOf({ id, budget }, plan, seconds));
}

function inCatalogue({ catalogue }: Budget, check: Check): Check {
  return catalogue === undefined ? check : { ...check, catalogue };
}

function checkOf({ id, budget }: NamedBudget<PhaseBudget>, plan: Plan, seconds: readonly Second[]): Check {
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
    case 'latency-rise':
      return judgeLatencyRise(id, budget, plan, seconds);
    case 'goodput':
      return judgeGoodput(id, budget, plan, seconds);
    case 'rejections':
      return judgeRejections(id, budget, seconds);
    case 'quota':
      return judgeQuota(id, budget, plan, seconds);
    case 'cpu-per-request':
      return judgeCpuPerRequest(id, budget, underLoad);
    case 'memory-growth':
      return judgeMemoryGrowth(id, budget, underLoad);
    default:
      return budget satisfies never;
  }
}
