import type { DrillObservation } from '../../../lib/observe/observations.ts';
import type { Drill } from '../drill.ts';
import type { ActContext, Seen } from './act.ts';
import { actCancellation } from './cancellation.ts';
import { actIdempotency } from './idempotency.ts';
import { actReadiness } from './readiness.ts';
import { actRollback } from './rollback.ts';
import { actKillSwitch } from './kill-switch.ts';
import { actBlueGreen } from './blue-green.ts';
import { actCanary } from './canary.ts';
import { actGracefulStop } from './graceful-stop.ts';
import { actMigration } from './migration.ts';
import { actParity } from './parity.ts';
import { actShadow } from './shadow.ts';
import { actContract } from './contract.ts';
import { actBoundary } from './boundary.ts';
import { actCollector } from './collector.ts';

/**
 * Lets every drill do what it does by itself, each in its own time. Never rejects: a drill that breaks down is one that
 * could not be carried out, and says so.
 */
export function actDrills(drills: readonly Drill[], act: ActContext): Promise<readonly DrillObservation[]> {
  return Promise.all(
    drills.map(async (drill) => {
      const seen: Seen = { requests: [], probes: [], marks: [], records: {} };
      try {
        await actDrill(drill, act, seen);
        return { drill: drill.name, ...seen };
      } catch (error) {
        act.context.journal.record('drill-problem', { drill: drill.name, message: (error as Error).message });
        return { drill: drill.name, ...seen, problem: (error as Error).message };
      }
    }),
  );
}

async function actDrill(drill: Drill, act: ActContext, seen: Seen): Promise<void> {
  switch (drill.kind) {
    case 'cancellation':
      await actCancellation(drill, act, seen);
      break;
    case 'idempotency':
      await actIdempotency(drill, act, seen);
      break;
    case 'readiness':
      await actReadiness(drill, act, seen);
      break;
    case 'rollback':
      await actRollback(drill, act, seen);
      break;
    case 'kill-switch':
      await actKillSwitch(drill, act, seen);
      break;
    case 'blue-green':
      await actBlueGreen(drill, act, seen);
      break;
    case 'canary':
      await actCanary(drill, act, seen);
      break;
    case 'graceful-stop':
      await actGracefulStop(drill, act, seen);
      break;
    case 'migration':
      await actMigration(drill, act, seen);
      break;
    case 'parity':
      await actParity(drill, act, seen);
      break;
    case 'shadow':
      await actShadow(drill, act, seen);
      break;
    case 'contract':
      await actContract(drill, act, seen);
      break;
    case 'boundary':
      await actBoundary(drill, act, seen);
      break;
    case 'collector':
      await actCollector(drill, act, seen);
      break;
    case 'restore':
    case 'circuit-breaker':
    case 'timeout':
    case 'retry':
      // The load's requests are all that it takes.
      break;
    default:
      drill satisfies never;
  }
}
