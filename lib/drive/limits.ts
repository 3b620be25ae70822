import type { LatencyLimit } from '../../scenarios/support/profile.ts';
import type { Plan } from '../plan/plan.ts';

/** The limits of all budgets that count good events, each once. Pure. */
export function latencyLimits({ budgets }: Pick<Plan, 'budgets'>): readonly LatencyLimit[] {
  const limits = new Map<string, LatencyLimit>();
  for (const budget of budgets) {
    if (!('under' in budget)) continue;
    const { operation, protocol, under } = budget;
    limits.set(JSON.stringify([operation, protocol, under]), {
      operation,
      ...(protocol === undefined ? {} : { protocol }),
      underMs: under,
    });
  }
  return [...limits.values()];
}
