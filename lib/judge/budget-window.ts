import type { Second } from '../observe/observations.ts';
import { goodEvents } from './good-events.ts';
import type { WindowVerdict } from './recovery-span.ts';
import type { Scope } from './tally.ts';
import { tallyPhase, tallySecond } from './tally.ts';

/** What must hold in a window: at least `atLeast` succeed in under `under` milliseconds. */
export interface WindowBudget extends Scope {
  readonly under: number;
  readonly atLeast: number;
}

/** Below this rate an empty second may be chance, and is not held against the system. */
const DENSE_EVENTS_PER_SECOND = 5;
/** Pushes come once a second: further apart than this, one is missing. */
const COVERED_MS = 1_500;

/** Whether the budget holds in a window of one second; one without events does not hold, and breaks it if `emptyIsBad`. */
export function judgeWindow(second: Second, budget: WindowBudget, emptyIsBad: boolean): WindowVerdict {
  const tally = tallySecond(second, budget);
  const { total } = tally;
  const startMs = second.t * 1_000;
  if (total === 0) return { startMs, surely: false, possibly: !emptyIsBad };
  const { low, high } = goodEvents(tally, budget.under);
  return { startMs, surely: low / total >= budget.atLeast, possibly: high / total >= budget.atLeast };
}

/** Whether so many requests come in a phase that a second without any is no chance. */
export function isDense(seconds: readonly Second[], phase: string, budget: WindowBudget): boolean {
  const lasted = seconds.filter((second) => second.phase === phase).length;
  return isDenseRate(tallyPhase(seconds, phase, budget).total / Math.max(1, lasted));
}

export function isDenseRate(perSecond: number): boolean {
  return perSecond >= DENSE_EVENTS_PER_SECOND;
}

/** Whether the pushes around a moment are near enough to each other that an empty window means that nothing ended in it. */
export function coverage(pushesMs: readonly number[]): (atMs: number) => boolean {
  const sorted = pushesMs.toSorted((a, b) => a - b);
  // Asked with rising times: each push is looked at once.
  let next = 0;
  return (atMs) => {
    while ((sorted[next] ?? Number.POSITIVE_INFINITY) < atMs) next++;
    const before = sorted[next - 1] ?? Number.NEGATIVE_INFINITY;
    return (sorted[next] ?? Number.POSITIVE_INFINITY) - before <= COVERED_MS;
  };
}
