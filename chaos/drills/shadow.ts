import { formatDuration } from '../../lib/units.ts';
import type { DrillKind, FaultSpec, StepPlan } from './drill-kind.ts';

/** What the drill saw that no other observation holds; written by its act, read by its judge. */
export interface ShadowRecord {
  /** Values of the two counters, by time. */
  readonly effects: readonly CounterValue[];
  readonly shadowed: readonly CounterValue[];
  /** Why a counter could not be read, the last time that it could not. */
  readonly problem?: string;
}

export interface CounterValue {
  readonly atMs: number;
  readonly value: number;
}

/** For what is still on its way to the shadow. */
const AFTER_MS = 2_000;
/** Between two faults of an edge: it is well again, and so are breakers that keep its calls away from it. */
const WELL_MS = 3_000;

/**
 *   off      without the shadow
 *   shadow   with it                                                       PAR-2
 *   hang     with it, nothing comes through its edges
 *   well     with it, as before
 *   down     with it, its edges cut
 *   after    without it again
 */
export const shadow: DrillKind<'shadow'> = {
  kind: 'shadow',
  contract: ({ for: durationMs, dead, latency }) =>
    `${formatDuration(durationMs)} with a shadow${dead === undefined ? '' : `, and with a dead one (${dead.by.join(', ')})`}: no effect, ${latency.operations.join(', ')} as fast as without`,
  steps: ({ off, shadow: on, for: durationMs, dead }) => [
    { step: 'off', durationMs, traffic: off },
    { step: 'shadow', durationMs, traffic: on },
    ...(dead?.by ?? []).flatMap((by, index): readonly StepPlan[] => [
      ...(index === 0 ? [] : [{ step: 'well', durationMs: WELL_MS }]),
      {
        step: by,
        durationMs: dead?.for ?? 0,
        faults: (dead?.edges ?? []).map((edge) => ({ name: `${by}-${edge}`, fault: faultOf(by, edge) })),
      },
    ]),
    { step: 'after', durationMs: AFTER_MS, traffic: off },
  ],
};

function faultOf(by: 'hang' | 'down', edge: string): FaultSpec {
  switch (by) {
    case 'down':
      return { kind: 'down', edge };
    case 'hang':
      return { kind: 'timeout', edge, direction: 'replies', connections: 1, closeAfterMs: 0 };
    default:
      return by satisfies never;
  }
}
