import type { Drill } from '../../chaos/drills/drill.ts';
import type { Fault } from '../../chaos/faults/fault.ts';
import type { Budget } from './schema/budgets.ts';
import type { CapacitySettings } from './schema/capacity.ts';
import type { Comparison } from './schema/comparison.ts';
import type { AlertsPlan } from './schema/alerts.ts';
import type { HistoryPlan } from './schema/history.ts';
import type { TracesPlan } from './schema/traces.ts';
import type { Traffic } from './schema/experiment.ts';
import type { System } from './schema/system.ts';

/** A window of the load on the run's clock: milliseconds since the load started, end exclusive. */
export interface Phase {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Arrivals a second at its start and end; in between a straight line, unless there is a `shape`. */
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
  /** Corners of a rate that is more than one straight line, by rising time (a jump has two at the same time); first and last are the phase's ends. */
  readonly shape?: readonly RatePoint[];
  /** Variables of the scenario in this phase; may hold placeholders. */
  readonly env?: Readonly<Record<string, string>>;
  /** Set through the traffic switch when the phase starts. */
  readonly traffic?: Readonly<Record<string, Traffic>>;
  /** Set where a comparison, or a drill, has split a phase into blocks. */
  readonly block?: Block;
  /** The drill that it is a step of. */
  readonly drill?: string;
}

/** `atMs` is since the load's start. */
export interface RatePoint {
  readonly atMs: number;
  readonly perSecond: number;
}

/** The corners of a phase's rate, in order; straight lines in between. */
export function corners({ startMs, endMs, fromPerSecond, toPerSecond, shape }: Phase): readonly RatePoint[] {
  return (
    shape ?? [
      { atMs: startMs, perSecond: fromPerSecond },
      { atMs: endMs, perSecond: toPerSecond },
    ]
  );
}

/** One piece of a phase that a comparison or a drill has split; a block's settling part is a phase of its own. */
export interface Block {
  /** The phase of the experiment that it is a piece of. */
  readonly of: string;
  readonly variant: 'baseline' | 'candidate';
  /** 0-based, in the order of time over both variants. */
  readonly index: number;
  /** True for the part that is not compared. */
  readonly settling: boolean;
}

export interface LoadPlan {
  /** Absolute path of the k6 script. */
  readonly scenario: string;
  readonly env: Readonly<Record<string, string>>;
  readonly phases: readonly Phase[];
  readonly steady: string;
  readonly maxVUs: number;
  /** Whether the scenario's writes are kept in writes.ndjson. */
  readonly recordWrites: boolean;
}

/** One experiment, validated and resolved: everything a run needs to know, as plain data. */
export interface Plan {
  readonly version: 1;
  readonly experiment: string;
  readonly description: string;
  readonly seed: number;
  /** Folder that relative paths of the system are resolved against (the config file's). */
  readonly root: string;
  readonly system: System;
  readonly traffic: Readonly<Record<string, Traffic>>;
  readonly load: LoadPlan;
  readonly faults: readonly Fault[];
  readonly drills: readonly Drill[];
  readonly budgets: readonly Budget[];
  readonly comparison?: Comparison;
  readonly capacity?: CapacitySettings;
  readonly history?: HistoryPlan;
  readonly traces?: TracesPlan;
  readonly alerts?: AlertsPlan;
}

export type { Drill, Fault };
