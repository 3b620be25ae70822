import type { Check, Detail, DrillResult } from '../../../reports/model/verdict.ts';
import { type Drill, stepOf } from '../../../chaos/drills/drill.ts';
import type { DrillObservation, Observations } from '../../observe/observations.ts';
import type { Plan } from '../../plan/plan.ts';
import { judgeFaultEffect } from '../fault-effect.ts';
import type { Finding } from '../finding.ts';
import { inconclusive } from '../finding.ts';
import { asFarAsReached } from '../reached.ts';
import { safely } from '../safely.ts';

/** A drill that is about a release, with all that was seen. */
export interface ReleaseDrill<D extends Drill> {
  readonly drill: D;
  readonly plan: Plan;
  readonly observations: Observations;
}

/** What a report shows of it: moments on the run's clock, tables, stages. */
export interface ReleasePicture {
  readonly marks: DrillResult['marks'];
  readonly details: readonly Detail[];
  /** Where the drill's own are too many to show. */
  readonly steps?: readonly DrillResult['steps'][number][];
}

export interface ReleaseCheck {
  /** A comparison of interleaved blocks, in which a busy machine is noise that is reckoned with; default: a drill. */
  readonly kind?: 'comparison';
  /** Last part of the check's id, which starts "drill:<name>:". */
  readonly id: string;
  readonly catalogue: string;
  readonly title: string;
  readonly limit: string;
  /** The steps that it needs whole; default: all. */
  readonly steps?: readonly string[];
  readonly operation?: string;
  readonly service?: string;
}

/** What the drill itself did and saw. */
export function seenBy({ drill, observations }: ReleaseDrill<Drill>): DrillObservation | undefined {
  return observations.drills.find((seen) => seen.drill === drill.name);
}

/**
 * Runs one check of a release drill. What it needs must have been reached, the drill must have been carried out, and the
 * drill's faults (where it has any in these steps) must have been felt: else it is inconclusive.
 */
export function releaseCheck(subject: ReleaseDrill<Drill>, check: ReleaseCheck, judge: () => Finding): Check {
  const { drill, plan, observations } = subject;
  const steps = (check.steps ?? drill.steps.map(({ step }) => step)).map((name) => stepOf(drill, name));
  const { operation, service } = check;
  const made = safely(
    {
      id: `drill:${drill.name}:${check.id}`,
      title: `${drill.name}: ${check.title}`,
      kind: check.kind ?? 'drill',
      catalogue: check.catalogue,
      drill: drill.name,
      ...(operation === undefined ? {} : { operation }),
      ...(service === undefined ? {} : { service }),
      limit: check.limit,
    },
    () => problemOf(subject, steps) ?? judge(),
  );
  return asFarAsReached(
    made,
    steps.map(({ phase }) => phase),
    plan,
    observations.loadEndMs,
  );
}

function problemOf(
  subject: ReleaseDrill<Drill>,
  steps: readonly { readonly startMs: number; readonly endMs: number }[],
): Finding | undefined {
  const { drill, plan, observations } = subject;
  const { problem } = seenBy(subject) ?? {};
  if (problem !== undefined) return inconclusive(`the drill could not be carried out: ${problem}`);
  for (const fault of plan.faults.filter((of) => of.drill === drill.name)) {
    if (!steps.some((step) => fault.startMs < step.endMs && fault.endMs > step.startMs)) continue;
    const { outcome, reason, measured } = judgeFaultEffect(fault, plan, observations);
    if (outcome !== 'pass') return inconclusive(`${fault.name}: ${reason}`, { measured });
  }
  return undefined;
}
