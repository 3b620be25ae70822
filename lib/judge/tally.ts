import type { Histogram, OperationWindow, Second } from '../observe/observations.ts';
import { addHistograms, emptyHistogram } from '../observe/histogram.ts';

/** Which requests: an operation's name or "*", over one protocol or all. */
export interface Scope {
  readonly operation: string;
  readonly protocol?: OperationWindow['protocol'] | undefined;
}

/** Events that a budget is judged on. */
export interface Tally {
  readonly succeeded: Histogram;
  readonly failed: Histogram;
  /** How many of the failed were refused in the agreed way. */
  readonly rejected: number;
  /** The windows that these were added up from. */
  readonly windows: readonly OperationWindow[];
  readonly dropped: number;
  /** Only counted for "*": an exception belongs to an iteration, not to an operation. */
  readonly exceptions: number;
  /** Requests, dropped iterations and exceptions together. */
  readonly total: number;
}

/**
 * Events of one phase. Requests are found by the phase in which they were started (exact, whenever they ended), dropped
 * iterations and exceptions by the second in which they were counted. A dropped iteration is a bad event in every scope:
 * nobody can tell which operation it would have called.
 */
export function tallyPhase(seconds: readonly Second[], phase: string, scope: Scope): Tally {
  return tally(
    seconds.flatMap((second) => second.operations.filter((window) => window.phase === phase)),
    seconds.filter((second) => second.phase === phase),
    scope,
  );
}

/** Events of one second: the requests that ended in it, whenever they were started. */
export function tallySecond(second: Second, scope: Scope): Tally {
  return tally(second.operations, [second], scope);
}

function tally(windows: readonly OperationWindow[], seconds: readonly Second[], scope: Scope): Tally {
  const inScope = windows.filter((window) => matches(window, scope));
  const rejected = sum(inScope, (window) => window.rejected);
  const succeeded = sumHistograms(inScope.map((window) => window.succeeded));
  const failed = sumHistograms(inScope.map((window) => window.failed));
  const dropped = sum(seconds, (second) => second.dropped);
  const exceptions = scope.operation === '*' ? sum(seconds, (second) => second.exceptions) : 0;
  const total = succeeded.count + failed.count + dropped + exceptions;
  return { succeeded, failed, rejected, windows: inScope, dropped, exceptions, total };
}

export function matches(window: OperationWindow, scope: Scope): boolean {
  return (
    (scope.operation === '*' || window.operation === scope.operation) &&
    (scope.protocol === undefined || window.protocol === scope.protocol)
  );
}

/**
 * Each resolution is added up by itself, in one pass over all buckets (hours of seconds are many), and kept as it is when
 * it is the only one.
 */
export function sumHistograms(histograms: readonly Histogram[]): Histogram {
  const withEvents = histograms.filter((histogram) => histogram.count > 0);
  const [first, ...more] = withEvents;
  if (first === undefined) return emptyHistogram();
  if (more.length === 0) return first;
  return [...Map.groupBy(withEvents, ({ schema }) => schema).values()].map(sumOfOneSchema).reduce(addHistograms);
}

function sumOfOneSchema(histograms: readonly Histogram[]): Histogram {
  const counts = new Map<number, number>();
  for (const { buckets } of histograms) {
    for (const [index, count] of buckets) counts.set(index, (counts.get(index) ?? 0) + count);
  }
  return {
    schema: histograms[0]?.schema ?? 0,
    zeroThreshold: histograms.reduce((most, { zeroThreshold }) => Math.max(most, zeroThreshold), 0),
    zeroCount: sum(histograms, ({ zeroCount }) => zeroCount),
    count: sum(histograms, ({ count }) => count),
    sum: sum(histograms, (histogram) => histogram.sum),
    buckets: [...counts].toSorted(([a], [b]) => a - b),
  };
}

export function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
