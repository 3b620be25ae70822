import type { Block } from '../../lib/plan/plan.ts';
import type { Edge } from '../../lib/plan/schema/system.ts';
import type { Traffic } from '../../lib/plan/schema/experiment.ts';
import type { DrillInput, DrillOf } from '../../lib/plan/schema/drills.ts';
import type { Fault } from '../faults/fault.ts';
import type { FaultTimes } from '../faults/fault-kind.ts';

/** What each kind of fault has of its own, without name and times. */
export type FaultSpec = { [F in Fault as F['kind']]: Omit<F, keyof FaultTimes> }[Fault['kind']];

/** A fault of a step: in force from `fromMs` after the step's start to its end; default: the whole step. */
export interface StepFault {
  readonly name: string;
  readonly fault: FaultSpec;
  readonly fromMs?: number;
  /** After the step's start; default: its end. */
  readonly untilMs?: number;
}

/** A step before it has its place on the clock. */
export interface StepPlan {
  readonly step: string;
  readonly durationMs: number;
  readonly faults?: readonly StepFault[];
  /** Set through the traffic switch when it begins. */
  readonly traffic?: Readonly<Record<string, Traffic>>;
  /** Where it is one of many that a reader takes for one: `of` is what they are called together, without the drill's name. */
  readonly block?: Block;
}

/** How a drill goes: its steps, from its declared contract and nothing else. */
export interface DrillKind<K extends DrillInput['kind']> {
  readonly kind: K;
  /** The declared contract in one line, for reports. */
  contract(drill: DrillOf<K>): string;
  /** `name` is the drill's; `seedOf` gives a seed for each text. */
  steps(drill: DrillOf<K>, context: StepContext): readonly StepPlan[];
}

export interface StepContext {
  readonly protocolOf: (edge: string) => Edge['protocol'];
  readonly seedOf: (text: string) => number;
  /** Arrivals of the load a second while the drill lasts: no edge has more calls, but for retries. */
  readonly perSecond: number;
}
