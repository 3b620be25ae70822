import type { Phase } from '../plan/plan.ts';

/** Arrivals planned in the window [fromMs, toMs): the exact integral of the phases' straight lines. */
export function offeredIn(phases: readonly Phase[], fromMs: number, toMs: number): number {
  return phases.reduce((arrivals, phase) => {
    const start = Math.max(fromMs, phase.startMs);
    const end = Math.min(toMs, phase.endMs);
    if (end <= start) return arrivals;
    return arrivals + ((end - start) / 1_000) * rateAt(phase, (start + end) / 2);
  }, 0);
}

/** Name of the phase at a time after the load's start; what comes after the last phase counts as part of it. */
export function phaseAt(phases: readonly Phase[], atMs: number): string {
  return (phases.find(({ endMs }) => atMs < endMs) ?? phases.at(-1))?.name ?? '';
}

function rateAt({ startMs, endMs, fromPerSecond, toPerSecond }: Phase, atMs: number): number {
  return fromPerSecond + ((toPerSecond - fromPerSecond) * (atMs - startMs)) / (endMs - startMs);
}
