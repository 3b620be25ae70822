import type { ResourceWindow, Second } from '../observe/observations.ts';
import { sum } from './tally.ts';

/** A shorter peak is a start-up or a garbage collection, not a saturated machine. */
const WINDOW_SECONDS = 5;
const MIN_SAMPLES = 3;

/**
 * The highest mean of the CPU use of a role, or of several together, over 5 consecutive seconds, in cores. A shorter observation is averaged as a
 * whole; undefined when there are fewer than 3 samples.
 */
export function busiestCores(
  seconds: readonly Second[],
  ...roles: readonly ResourceWindow['role'][]
): number | undefined {
  const samples = seconds
    .map(({ t, resources }) => ({ t, ofRole: resources.filter(({ role }) => roles.includes(role)) }))
    .filter(({ ofRole }) => ofRole.length > 0)
    .map(({ t, ofRole }) => ({ t, cores: sum(ofRole, ({ cpuCores }) => cpuCores) }))
    .toSorted((a, b) => a.t - b.t);
  if (samples.length < MIN_SAMPLES) return undefined;
  const windows = samples
    .map((_, index) => samples.slice(index, index + WINDOW_SECONDS))
    .filter((window) => window.length === WINDOW_SECONDS && spanOf(window) === WINDOW_SECONDS - 1);
  const means = (windows.length > 0 ? windows : [samples]).map(
    (window) => sum(window, ({ cores }) => cores) / window.length,
  );
  return means.reduce((most, mean) => Math.max(most, mean));
}

function spanOf(window: readonly { readonly t: number }[]): number {
  return (window.at(-1)?.t ?? 0) - (window[0]?.t ?? 0);
}
