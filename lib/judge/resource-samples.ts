import type { ResourceWindow, Second } from '../observe/observations.ts';
import type { Finding } from './finding.ts';
import { inconclusive } from './finding.ts';
import { count } from './words.ts';

/** Fewer samples than this say nothing about a phase. */
const MIN_SAMPLES = 3;

export interface Sample extends ResourceWindow {
  readonly second: Second;
  /** Start of the second that it is of. */
  readonly t: number;
}

/** A service's samples in one phase, one a second, in the order of time. */
export function samplesOf(seconds: readonly Second[], phase: string, service: string): readonly Sample[] {
  return seconds
    .filter((second) => second.phase === phase)
    .flatMap((second) => second.resources.map((resource) => ({ ...resource, second, t: second.t })))
    .filter((resource) => resource.role === 'service' && resource.source === service)
    .toSorted((a, b) => a.t - b.t);
}

export function tooFewSamples(
  samples: readonly Sample[],
  service: string,
  atLeast: number = MIN_SAMPLES,
): Finding | undefined {
  if (samples.length >= atLeast) return undefined;
  const hint =
    samples.length < MIN_SAMPLES
      ? 'resource use is seen for services that the harness starts, or whose `metrics` have process_*; one sample a second'
      : 'make the phase longer; there is one sample a second';
  return inconclusive(`${count(samples.length, 'sample')} of ${service}, at least ${atLeast} needed`, {
    hint,
    measured: count(samples.length, 'sample'),
    events: samples.length,
  });
}
