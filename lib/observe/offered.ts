import { type Phase, corners } from '../plan/plan.ts';

/** Arrivals planned in the window [fromMs, toMs): the exact integral of the phases' straight lines. */
export function offeredIn(phases: readonly Phase[], fromMs: number, toMs: number): number {
  let arrivals = 0;
  for (const phase of phases) {
    if (phase.endMs <= fromMs || phase.startMs >= toMs) continue;
    const points = corners(phase);
    for (const [index, to] of points.entries()) {
      const from = points[index - 1];
      if (from === undefined) continue;
      const start = Math.max(fromMs, from.atMs);
      const end = Math.min(toMs, to.atMs);
      if (end <= start) continue;
      const slope = (to.perSecond - from.perSecond) / (to.atMs - from.atMs);
      arrivals += ((end - start) / 1_000) * (from.perSecond + slope * ((start + end) / 2 - from.atMs));
    }
  }
  return arrivals;
}

/** Name of the phase at a time after the load's start; what comes after the last phase counts as part of it. */
export function phaseAt(phases: readonly Phase[], atMs: number): string {
  return (phases.find(({ endMs }) => atMs < endMs) ?? phases.at(-1))?.name ?? '';
}
