import type { LatencyLimit } from '../../scenarios/support/profile.ts';
import type { Drill, Plan } from '../plan/plan.ts';

/** The limits of all budgets and drills that count good events, each once. Pure. */
export function latencyLimits({ budgets, drills }: Pick<Plan, 'budgets' | 'drills'>): readonly LatencyLimit[] {
  const limits = new Map<string, LatencyLimit>();
  const scoped = [
    ...budgets.flatMap((budget) => ('under' in budget ? [budget] : [])),
    ...drills.flatMap((drill) => limitsOf(drill)),
  ];
  for (const { operation, protocol, under } of scoped) {
    limits.set(JSON.stringify([operation, protocol, under]), {
      operation,
      ...(protocol === undefined ? {} : { protocol }),
      underMs: under,
    });
  }
  return [...limits.values()];
}

function limitsOf(drill: Drill) {
  switch (drill.kind) {
    case 'circuit-breaker':
      return drill.on.map(({ operation, protocol }) => ({ operation, protocol, under: drill.failFast }));
    case 'timeout':
      return drill.on.map(({ operation, protocol }) => ({ operation, protocol, under: drill.deadline + drill.slack }));
    case 'cancellation':
    case 'retry':
    case 'idempotency':
    case 'readiness':
      return [];
    default:
      return drill satisfies never;
  }
}
