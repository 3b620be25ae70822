import type { Phase } from '../../lib/plan/plan.ts';
import type { DrillInput } from '../../lib/plan/schema/drills.ts';
import type { Fault } from '../faults/fault.ts';
import type { Drill, DrillStep } from './drill.ts';
import type { StepContext } from './drill-kind.ts';
import { drillKind } from './kinds.ts';

export interface LaidOut {
  readonly drills: readonly Drill[];
  readonly phases: readonly Phase[];
  readonly faults: readonly Fault[];
}

/**
 * Puts the drills' steps on the clock, one after the other behind the last phase. Pure: the same drills after the same
 * phases give the same plan.
 */
export function layOutDrills(
  inputs: readonly DrillInput[],
  after: readonly Phase[],
  context: Omit<StepContext, 'perSecond'>,
): LaidOut {
  const drills: Drill[] = [];
  const phases: Phase[] = [];
  const faults: Fault[] = [];
  let atMs = after.at(-1)?.endMs ?? 0;
  for (const input of inputs) {
    const name = input.name ?? input.kind;
    const perSecond = input.rate ?? after.at(-1)?.toPerSecond ?? 0;
    const plans = drillKind(input).steps(input, {
      ...context,
      seedOf: (text) => context.seedOf(`drill ${name} ${text}`),
      perSecond,
    });
    const steps: DrillStep[] = [];
    for (const [index, { step, durationMs, faults: stepFaults = [], traffic, block }] of plans.entries()) {
      const phase = `${name}-${step}`;
      const startMs = atMs;
      // Whole milliseconds, as everything on this clock; a drill as a whole takes whole seconds, as the timeline does.
      const unitMs = index === plans.length - 1 ? 1_000 : 1;
      const endMs = Math.ceil((startMs + durationMs) / unitMs) * unitMs;
      steps.push({ step, phase, startMs, endMs });
      phases.push({
        name: phase,
        startMs,
        endMs,
        fromPerSecond: perSecond,
        toPerSecond: perSecond,
        ...(traffic === undefined ? {} : { traffic }),
        ...(block === undefined ? {} : { block: { ...block, of: `${name}-${block.of}` } }),
        drill: name,
      });
      for (const { name: own, fault, fromMs = 0, untilMs } of stepFaults) {
        const times = {
          name: `${name}-${own}`,
          startMs: startMs + fromMs,
          endMs: untilMs === undefined ? endMs : startMs + untilMs,
          drill: name,
        };
        faults.push({ ...fault, ...times });
      }
      atMs = endMs;
    }
    drills.push({ ...input, name, steps });
  }
  return { drills, phases, faults };
}
