import type { Plan } from '../plan/plan.ts';

/** A limit that good events are counted against, as the scenario's support library takes it. */
export interface LatencyLimit {
  readonly operation: string;
  readonly protocol?: 'http' | 'grpc';
  readonly underMs: number;
}

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
