import { formatDuration } from '../../lib/units.ts';
import type { DrillKind } from './drill-kind.ts';
import { faultSpec } from './step-fault.ts';

/** Windows of one second are complete 1.5 s after their end, and three must hold. */
const WATCH_MS = 6_000;
const SHIFTED_MS = 5_000;
/** Time to take everything back before what comes next. */
const AFTER_MS = 2_000;

/** What the drill saw that no other observation holds; written by its act, read by its judge. */
export interface RollbackRecord {
  /** Why the rollback was not seen to be in force; undefined when it was. */
  readonly notApplied?: string;
}

/**
 *   shifted   the candidate has its traffic, all is well (only where a fault makes it bad)
 *   bad       the fault is in force, to the step's end; meanwhile it is rolled back
 *   after     the rollback is taken back, without traffic to the candidate
 */
export const rollback: DrillKind<'rollback'> = {
  kind: 'rollback',
  contract: ({ by, decideAfter, within }) =>
    `${decideAfter} bad ${decideAfter === 1 ? 'window' : 'windows'} in a row and it is rolled back ` +
    `${by === 'kill-switch' ? 'by the kill switch' : 'by moving traffic'}; well again ${formatDuration(within)} after the trigger`,
  steps({ traffic, fault, within }, context) {
    const bad = { step: 'bad', durationMs: within + WATCH_MS };
    const after = { step: 'after', durationMs: AFTER_MS };
    if (fault === undefined) return [{ ...bad, traffic }, after];
    return [
      { step: 'shifted', durationMs: SHIFTED_MS, traffic },
      { ...bad, faults: [{ name: 'bad', fault: faultSpec(fault, context) }] },
      after,
    ];
  },
};
