import type { Phase } from './plan.ts';
import type { LoadInput } from './schema/load.ts';

/** Lays the phases end to end on the run's clock. */
export function layOut(phases: LoadInput['phases']): Phase[] {
  let startMs = 0;
  return phases.map(({ name, duration, rate }) => {
    const [fromPerSecond, toPerSecond] = typeof rate === 'number' ? [rate, rate] : [rate.from, rate.to];
    const phase = { name, startMs, endMs: startMs + duration, fromPerSecond, toPerSecond };
    startMs = phase.endMs;
    return phase;
  });
}

/** The highest arrival rate of any phase. */
export function peakPerSecond(phases: readonly Phase[]): number {
  return Math.max(...phases.flatMap((phase) => [phase.fromPerSecond, phase.toPerSecond]));
}
