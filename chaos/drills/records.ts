import type { BlueGreenRecord } from './blue-green.ts';
import type { BoundaryRecord } from './boundary.ts';
import type { CanaryRecord } from './canary.ts';
import type { CollectorRecord } from './collector.ts';
import type { ContractRecord } from './contract.ts';
import type { KillSwitchRecord } from './kill-switch.ts';
import type { MigrationRecord } from './migration.ts';
import type { ParityRecord } from './parity.ts';
import type { RollbackRecord } from './rollback.ts';
import type { ShadowRecord } from './shadow.ts';

/** What drills of each kind keep of what they saw. */
export interface DrillRecords {
  readonly rollback: RollbackRecord;
  readonly 'kill-switch': KillSwitchRecord;
  readonly 'blue-green': BlueGreenRecord;
  readonly canary: CanaryRecord;
  readonly migration: MigrationRecord;
  readonly parity: ParityRecord;
  readonly shadow: ShadowRecord;
  readonly contract: ContractRecord;
  readonly boundary: BoundaryRecord;
  readonly collector: CollectorRecord;
}
