import { formatDuration } from '../units.ts';

/** Longer than this nobody lets a phase be to decide one figure. */
const MOST_SECONDS = 24 * 3_600;

/** What to do where a phase was too short to decide: how long it would have to be if things go on like this. */
export function longerBy(factor: number, seconds: number): string {
  const needed = Math.ceil((seconds * factor) / 10) * 10;
  return Number.isFinite(needed) && needed <= MOST_SECONDS
    ? `if it goes on like this, a phase of ${formatDuration(Math.max(needed, seconds + 10) * 1_000)} decides it`
    : 'it is at the limit itself: allow more than the service needs, or make it better';
}
