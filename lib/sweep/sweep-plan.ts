import type { Plan } from '../plan/plan.ts';
import type { SteadyPhase } from '../search/steady-phase.ts';
import type { LeftOut, Track } from './tracks.ts';

/** A sweep with all its settings worked out. */
export interface SweepPlan {
  readonly plan: Plan;
  readonly steady: SteadyPhase;
  readonly edges: readonly string[];
  readonly tracks: readonly Track[];
  readonly leftOut: readonly LeftOut[];
  /** No cell is started that would end later than this after the first began. */
  readonly timeLimitMs: number;
  /** How long each fault lasts, at least. */
  readonly forMs: number;
}
