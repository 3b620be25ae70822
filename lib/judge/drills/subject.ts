import type { Check } from '../../../reports/model/verdict.ts';
import type { DrillStep, EdgeDrill } from '../../../chaos/drills/drill.ts';
import { isAmongOperations } from '../../../chaos/faults/operations.ts';
import { stepOf } from '../../../chaos/drills/drill.ts';
import type { Attempt, Observations } from '../../observe/observations.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Finding } from '../finding.ts';
import { inconclusive } from '../finding.ts';
import { judgeFaultEffect } from '../fault-effect.ts';
import { asFarAsReached } from '../reached.ts';
import { safely } from '../safely.ts';

/** One drill on one of its edges, with all that was seen. */
export interface DrillOn<D extends EdgeDrill = EdgeDrill> {
  readonly drill: D;
  readonly on: D['on'][number];
  readonly plan: Plan;
  readonly observations: Observations;
}

/** What the tap's clock and the generator's, and the timers of both, may be off by. */
export const CLOCK_MS = 10;

export interface DrillCheck {
  /** Last part of the check's id: "opens". */
  readonly id: string;
  readonly catalogue: string;
  readonly title: string;
  readonly limit: string;
  /** The steps that it needs whole. */
  readonly steps: readonly string[];
}

/** Runs one check of a drill; what it needs must have been reached, and the fault of its steps must have been there. */
export function drillCheck(subject: DrillOn, check: DrillCheck, judge: () => Finding): Check {
  const { drill, on, plan, observations } = subject;
  const steps = check.steps.map((name) => stepOf(drill, name));
  const operation = 'operation' in on ? { operation: on.operation, protocol: on.protocol } : {};
  const made = safely(
    {
      id: `drill:${drill.name}:${on.edge}:${check.id}`,
      title: `${drill.name} on ${on.edge}: ${check.title}`,
      kind: 'drill',
      catalogue: check.catalogue,
      drill: drill.name,
      edge: on.edge,
      ...operation,
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

function problemOf({ drill, on, observations, plan }: DrillOn, steps: readonly DrillStep[]): Finding | undefined {
  const { problem } = observations.drills.find((seen) => seen.drill === drill.name) ?? {};
  if (problem !== undefined) return inconclusive(`the drill could not be carried out: ${problem}`);
  const faults = plan.faults
    .filter((fault) => fault.drill === drill.name && (!('edge' in fault) || fault.edge === on.edge))
    // By its middle: a fault may begin a little before its step, so that nothing is well in between.
    .filter(({ startMs, endMs }) => {
      const middleMs = (startMs + endMs) / 2;
      return steps.some((step) => middleMs >= step.startMs && middleMs < step.endMs);
    });
  for (const fault of faults) {
    const { outcome, reason, measured } = judgeFaultEffect(fault, plan, observations);
    if (outcome !== 'pass') return inconclusive(`${fault.name}: ${reason}`, { measured });
  }
  return undefined;
}

/** When the fault of a step was in force on the edge; the step's own times where it has none. */
export function forceOf(subject: DrillOn, step: string): { fromMs: number; toMs: number } {
  const { drill, observations } = subject;
  const seen = observations.faults.find(({ name }) => name === faultName(subject, step));
  const { startMs, endMs } = stepOf(drill, step);
  return { fromMs: seen?.injectedMs ?? startMs, toMs: seen?.removedMs ?? endMs };
}

/** The drill's calls that arrived on the edge in a stretch of time, by arrival. */
export function arrivals({ on, observations }: DrillOn, fromMs: number, toMs: number): readonly Attempt[] {
  return observations.attempts.filter(
    ({ edge, operation, startMs }) =>
      edge === on.edge && startMs >= fromMs && startMs < toMs && isAmongOperations(operation, on.calls),
  );
}

/**
 * The calls that the step's fault acted on, by arrival: exact, where a stretch of time is not, since the fault was there a
 * little before its injection was known to be done.
 */
export function hitBy(subject: DrillOn, step: string): readonly Attempt[] {
  const name = faultName(subject, step);
  return subject.observations.attempts.filter(({ edge, rule }) => edge === subject.on.edge && rule === name);
}

function faultName({ drill, on }: DrillOn, step: string): string {
  return `${drill.name}-${step}-${on.edge}`;
}
