import type { Budget } from './schema/budgets.ts';
import type { Traffic } from './schema/experiment.ts';
import type { System } from './schema/system.ts';

/** A window of the load on the run's clock: milliseconds since the load started, end exclusive. */
export interface Phase {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Arrivals a second at its start and end; in between a straight line. */
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
}

export interface LoadPlan {
  /** Absolute path of the k6 script. */
  readonly scenario: string;
  readonly env: Readonly<Record<string, string>>;
  readonly phases: readonly Phase[];
  readonly steady: string;
  readonly maxVUs: number;
}

/** A fault with its times worked out: milliseconds since the load started. */
export type Fault = {
  readonly name: string;
  readonly edge: string;
  readonly startMs: number;
  readonly endMs: number;
} & ({ readonly kind: 'latency'; readonly latencyMs: number; readonly jitterMs: number } | { readonly kind: 'down' });

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
  readonly budgets: readonly Budget[];
}
