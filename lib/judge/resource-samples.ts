import type { ResourceWindow, Second } from '../observe/observations.ts';
import type { Finding } from './finding.ts';
import { inconclusive } from './finding.ts';
import { count } from './words.ts';

/** Fewer samples than this say nothing about a phase. */
const MIN_SAMPLES = 3;

/** A service's samples in one phase, one a second. */
export function samplesOf(seconds: readonly Second[], phase: string, service: string): readonly ResourceWindow[] {
  return seconds
    .filter((second) => second.phase === phase)
    .flatMap((second) => second.resources)
    .filter((resource) => resource.role === 'service' && resource.source === service);
}

export function tooFewSamples(samples: readonly ResourceWindow[], service: string): Finding | undefined {
  if (samples.length >= MIN_SAMPLES) return undefined;
  return inconclusive(`${count(samples.length, 'sample')} of ${service}, at least ${MIN_SAMPLES} needed`, {
    hint: 'resource use is seen for services that the harness starts, or whose `metrics` have process_*; one sample a second',
    measured: count(samples.length, 'sample'),
    events: samples.length,
  });
}
