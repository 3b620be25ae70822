import type { Check } from '../../../reports/model/verdict.ts';
import type { Drill, ReleaseDrillPlan } from '../../../chaos/drills/drill.ts';
import { judgeBlueGreen, pictureBlueGreen } from './blue-green.ts';
import { judgeBoundary, pictureBoundary } from './boundary.ts';
import { judgeCanary, pictureCanary } from './canary.ts';
import { judgeCollector, pictureCollector } from './collector.ts';
import { judgeContract, pictureContract } from './contract.ts';
import { judgeGracefulStop, pictureGracefulStop } from './graceful-stop.ts';
import { judgeKillSwitch, pictureKillSwitch } from './kill-switch.ts';
import { judgeMigration, pictureMigration } from './migration.ts';
import { judgeParity, pictureParity } from './parity.ts';
import { judgeRestore, pictureRestore } from './restore.ts';
import { judgeRollback, pictureRollback } from './rollback.ts';
import { judgeShadow, pictureShadow } from './shadow.ts';
import type { ReleaseDrill, ReleasePicture } from './release.ts';

/** The checks of a drill that is about a release and not about an edge. */
export function judgeReleaseDrill(subject: ReleaseDrill<ReleaseDrillPlan>): readonly Check[] {
  // A kind's judge takes its own drills, which the discriminant of a part cannot tell the compiler.
  const as = <D extends Drill>() => subject as unknown as ReleaseDrill<D>;
  switch (subject.drill.kind) {
    case 'rollback':
      return judgeRollback(as());
    case 'kill-switch':
      return judgeKillSwitch(as());
    case 'blue-green':
      return judgeBlueGreen(as());
    case 'canary':
      return judgeCanary(as());
    case 'restore':
      return judgeRestore(as());
    case 'graceful-stop':
      return judgeGracefulStop(as());
    case 'migration':
      return judgeMigration(as());
    case 'parity':
      return judgeParity(as());
    case 'shadow':
      return judgeShadow(as());
    case 'contract':
      return judgeContract(as());
    case 'boundary':
      return judgeBoundary(as());
    case 'collector':
      return judgeCollector(as());
    default:
      return subject.drill satisfies never;
  }
}

/** What a report shows of it. */
export function pictureReleaseDrill(subject: ReleaseDrill<ReleaseDrillPlan>): ReleasePicture {
  const as = <D extends Drill>() => subject as unknown as ReleaseDrill<D>;
  switch (subject.drill.kind) {
    case 'rollback':
      return pictureRollback(as());
    case 'kill-switch':
      return pictureKillSwitch(as());
    case 'blue-green':
      return pictureBlueGreen(as());
    case 'canary':
      return pictureCanary(as());
    case 'restore':
      return pictureRestore(as());
    case 'graceful-stop':
      return pictureGracefulStop(as());
    case 'migration':
      return pictureMigration(as());
    case 'parity':
      return pictureParity(as());
    case 'shadow':
      return pictureShadow(as());
    case 'contract':
      return pictureContract(as());
    case 'boundary':
      return pictureBoundary(as());
    case 'collector':
      return pictureCollector(as());
    default:
      return subject.drill satisfies never;
  }
}
