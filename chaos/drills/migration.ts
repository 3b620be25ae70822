import { formatDuration } from '../../lib/units.ts';
import type { DrillKind, StepPlan } from './drill-kind.ts';

/** What comparing both sides has shown, after each step that compares. */
export interface MigrationRecord {
  readonly comparisons: readonly SidesCompared[];
}

/** Counts, and the first ids of each. A row counts only when it was still so at the end of `within`. */
export interface SidesCompared {
  readonly step: string;
  readonly sourceRows: number;
  readonly targetRows: number;
  readonly missing: Differing;
  readonly extra: Differing;
  readonly mismatched: Differing;
  /** Ids that a side has more than once. */
  readonly duplicated: Differing;
  /** Ids that come before one of the same key and origin that they came after on the other side. */
  readonly reordered: Differing;
  /** Hash over all ids and rows that were there when the replay began, whatever came later. */
  readonly hash: string;
}

export interface Differing {
  readonly count: number;
  readonly ids: readonly string[];
}

/** Changes are under way by then. */
export const KILL_AFTER_MS = 1_500;
const KILLED_MS = 3_000;
/** The stream is still slow for so long after the consumer is back; then the edge must be seen to be well. */
const LAG_MS = 700;
/** For reading both sides. */
export const READ_MS = 3_000;

/**
 *   flow           changes stream
 *   kill-<name>    a consumer is killed while they do, and started again                           MIG-2
 *   compare        both sides row by row                                                           MIG-1, MIG-2
 *   replay         all changes again, twice; compared again                                        MIG-2
 */
export const migration: DrillKind<'migration'> = {
  kind: 'migration',
  contract: ({ source, target, kill, within, replay }) =>
    `${target.name} has what ${source.name} has within ${formatDuration(within)}` +
    (kill.length > 0 ? `, also when ${kill.join(' and ')} is killed in between` : '') +
    (replay.length > 0 ? '; all changes sent again change nothing' : ''),
  steps: ({ kill, down, lag, within, replay }) => [
    { step: 'flow', durationMs: 2_000 },
    ...kill.map((service): StepPlan => ({
      step: `kill-${service}`,
      durationMs: KILL_AFTER_MS + down + KILLED_MS,
      faults: (lag?.edges ?? []).map((edge) => ({
        name: `lag-${service}-${edge}`,
        fault: { kind: 'latency', edge, direction: 'replies', connections: 1, latencyMs: lag?.by ?? 0, jitterMs: 0 },
        untilMs: KILL_AFTER_MS + down + LAG_MS,
      })),
    })),
    { step: 'compare', durationMs: within + READ_MS },
    ...(replay.length === 0 ? [] : [{ step: 'replay', durationMs: 2 * within + READ_MS }]),
  ],
};
