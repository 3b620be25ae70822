import type { LatencyLimit } from '../../scenarios/support/profile.ts';
import type { Drill, Plan } from '../plan/plan.ts';

interface Limit {
  readonly operation: string;
  readonly protocol?: 'http' | 'grpc' | undefined;
  readonly under: number;
}

/** The limits of all budgets and drills that count good events, each once. Pure. */
export function latencyLimits({ budgets, drills }: Pick<Plan, 'budgets' | 'drills'>): readonly LatencyLimit[] {
  const limits = new Map<string, LatencyLimit>();
  const scoped: readonly Limit[] = [
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

function limitsOf(drill: Drill): readonly Limit[] {
  switch (drill.kind) {
    case 'circuit-breaker':
      return drill.on.map(({ operation, protocol }) => ({ operation, protocol, under: drill.failFast }));
    case 'timeout':
      return drill.on.map(({ operation, protocol }) => ({ operation, protocol, under: drill.deadline + drill.slack }));
    case 'rollback':
    case 'blue-green':
      return [drill.budget];
    case 'canary':
      return [drill.analysis];
    case 'restore':
      return [{ operation: drill.operation, protocol: drill.protocol, under: drill.under }];
    case 'cancellation':
    case 'retry':
    case 'idempotency':
    case 'readiness':
    case 'kill-switch':
    case 'graceful-stop':
    case 'migration':
    case 'parity':
    case 'shadow':
    case 'contract':
    case 'boundary':
    case 'collector':
      return [];
    default:
      return drill satisfies never;
  }
}
