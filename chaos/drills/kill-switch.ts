import { formatDuration } from '../../lib/units.ts';
import type { DrillKind, StepPlan } from './drill-kind.ts';
import { faultSpec } from './step-fault.ts';

const BEFORE_MS = 4_000;
/** Time for enough calls that would arrive if they still could. */
const WATCH_MS = 5_000;
/** After a step's start: its fault is in force by then. */
export const LEAD_MS = 500;

/** What the drill saw that no other observation holds; written by its act, read by its judge. */
export interface KillSwitchRecord {
  readonly uses: readonly KillSwitchUseRecord[];
}

export interface KillSwitchUseRecord {
  readonly use: 'engaged' | 'again' | 'released' | 'control' | 'restored';
  readonly askedMs: number;
  /** When every switch read back what was asked for; undefined: it did not. */
  readonly appliedMs?: number;
  /** What they read, as canonical JSON without what may differ. */
  readonly state?: string;
  readonly error?: string;
}

/**
 *   before     the candidate has its traffic
 *   engaged    the kill switch is engaged; after the bound a second time
 *   released   it is released: traffic comes back
 *   control    it is engaged while the way to it is disturbed
 *   restored   it is released again
 */
export const killSwitch: DrillKind<'kill-switch'> = {
  kind: 'kill-switch',
  contract: ({ within, edges }) =>
    `no call on ${edges.map(({ edge }) => edge).join(', ')} ${formatDuration(within)} after it is engaged; a second use changes nothing`,
  steps({ traffic, within, control }, context) {
    const watched = LEAD_MS + within + WATCH_MS;
    const steps: StepPlan[] = [
      { step: 'before', durationMs: BEFORE_MS, traffic },
      { step: 'engaged', durationMs: watched },
      { step: 'released', durationMs: watched },
    ];
    if (control === undefined) return steps;
    const spec = faultSpec(control.fault, context);
    const until = control.for === undefined ? {} : { untilMs: control.for };
    return [
      ...steps,
      { step: 'control', durationMs: watched, faults: [{ name: 'control', fault: spec, ...until }] },
      { step: 'restored', durationMs: LEAD_MS + 2_000 },
    ];
  },
};
