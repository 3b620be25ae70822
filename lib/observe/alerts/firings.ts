import type { Firing } from './observation.ts';

/** A gap of so many evaluations is an end: one may be late, and one may be lost. */
const LATE = 2.5;

/**
 * Stretches in which an alert fired, from the times of its firing samples (one for each evaluation, rising). It was
 * resolved at the first evaluation without one, which is an interval after the last; undefined where the samples go on up to
 * `endMs`.
 */
export function firingsOf(
  timesMs: readonly number[],
  intervalMs: number,
  endMs: number,
): readonly Pick<Firing, 'firedMs' | 'resolvedMs'>[] {
  const stretches: { firedMs: number; lastMs: number }[] = [];
  for (const atMs of timesMs) {
    const open = stretches.at(-1);
    if (open !== undefined && atMs - open.lastMs <= LATE * intervalMs) open.lastMs = atMs;
    else stretches.push({ firedMs: atMs, lastMs: atMs });
  }
  return stretches.map(({ firedMs, lastMs }) =>
    endMs - lastMs <= LATE * intervalMs ? { firedMs } : { firedMs, resolvedMs: lastMs + intervalMs },
  );
}

/** The longest time without one of these, between `fromMs` and `toMs`; both ends count as if there were one. */
export function longestGapMs(timesMs: readonly number[], fromMs: number, toMs: number): number {
  const within = timesMs.filter((atMs) => atMs > fromMs && atMs < toMs).toSorted((a, b) => a - b);
  const marks = [fromMs, ...within, toMs];
  return marks.slice(1).reduce((longest, atMs, index) => Math.max(longest, atMs - (marks[index] ?? atMs)), 0);
}
