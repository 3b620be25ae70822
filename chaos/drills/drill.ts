import type { DrillInput, DrillOf, EdgeDrillInput } from '../../lib/plan/schema/drills.ts';

/** One step of a drill: a phase of the load, named "<drill>-<step>". Milliseconds since the load started. */
export interface DrillStep {
  readonly step: string;
  readonly phase: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** A drill with its name and its times worked out. */
export type Drill<K extends DrillInput['kind'] = DrillInput['kind']> = DrillOf<K> & {
  readonly name: string;
  readonly steps: readonly DrillStep[];
};

/** Drills on edges, and the others. */
export type EdgeDrill = Drill<EdgeDrillInput['kind']>;
export type ReleaseDrillPlan = Exclude<AnyDrill, { readonly on: unknown }>;
type AnyDrill = { [K in DrillInput['kind']]: Drill<K> }[DrillInput['kind']];

export function isEdgeDrill(drill: Drill): drill is EdgeDrill {
  return 'on' in drill;
}

/** A step by its name: its drill's kind lays it out, and whoever reads it knows which there are. */
export function stepOf({ name, steps }: Pick<Drill, 'name' | 'steps'>, step: string): DrillStep {
  const found = steps.find((candidate) => candidate.step === step);
  if (found === undefined) throw new Error(`the drill ${name} has no step ${step}`);
  return found;
}
