import type { Attempt } from '../../observe/observations.ts';

/** Calls that a breaker let through in one go, half-open or by mistake. */
export interface Go {
  readonly startMs: number;
  /** When the last of them was over. */
  readonly endMs: number;
  readonly calls: readonly Attempt[];
  /** How many came at once with the first. */
  readonly together: number;
}

/** Calls that start so soon after another ended belong to it: they were on their way. */
const TOGETHER_MS = 50;
/** What timers and clocks may be off by. */
const EARLY_MS = 50;
const EARLY_SHARE = 0.02;

/** The shortest pause that counts as the whole open time. */
export function leastPauseMs(openTimeMs: number): number {
  return Math.max(0, openTimeMs * (1 - EARLY_SHARE) - EARLY_MS);
}

/**
 * Calls by arrival → goes. Those that overlap or nearly so are one; and, where a breaker takes `atOnce` probes before it
 * decides, so many as come in less than `apartMs` (they need not overlap: it waits for the load to bring them).
 */
export function goes(
  calls: readonly Attempt[],
  { atOnce, apartMs }: { readonly atOnce: number; readonly apartMs: number },
): readonly Go[] {
  const found: { startMs: number; endMs: number; calls: Attempt[]; together: number }[] = [];
  for (const call of calls) {
    const { startMs, endMs = startMs } = call;
    const last = found.at(-1);
    const pauseMs = last === undefined ? Number.POSITIVE_INFINITY : startMs - last.endMs;
    if (last !== undefined && (pauseMs <= TOGETHER_MS || (last.calls.length < atOnce && pauseMs < apartMs))) {
      last.endMs = Math.max(last.endMs, endMs);
      last.calls.push(call);
      if (startMs - last.startMs <= TOGETHER_MS) last.together += 1;
    } else found.push({ startMs, endMs, calls: [call], together: 1 });
  }
  return found;
}
