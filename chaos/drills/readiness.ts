import { formatDuration } from '../../lib/units.ts';
import type { DrillKind } from './drill-kind.ts';

/** Watched before, and after the time by which it must have changed. */
const WATCH_MS = 2_000;

/** By when a service must say it, milliseconds after its dependency was lost, or is back. */
export function boundMs({
  period,
  threshold,
  slack,
}: {
  readonly period: number;
  readonly threshold: number;
  readonly slack: number;
}): number {
  return period * threshold + slack;
}

/**
 *   before   ready and live
 *   lost     the edge is down                                                                      HLT-1
 *   back     well again
 */
export const readiness: DrillKind<'readiness'> = {
  kind: 'readiness',
  contract: (drill) =>
    `without the edge not ready within ${formatDuration(boundMs(drill))}, but live; ready again as soon after it is back`,
  steps(drill) {
    const durationMs = boundMs(drill) + WATCH_MS;
    return [
      { step: 'before', durationMs: WATCH_MS },
      {
        step: 'lost',
        durationMs,
        faults: drill.on.map(({ edge }) => ({ name: `lost-${edge}`, fault: { kind: 'down', edge } })),
      },
      { step: 'back', durationMs },
    ];
  },
};
