import { binned } from './bins.ts';
import type { Sample } from './resource-samples.ts';
import { weightedLine } from './statistics/weighted-line.ts';
import { sum } from './tally.ts';

/** What CPU time is told in by the process table and by most runtimes. */
export const TICK_MS = 10;
/** Below this, ticks and misplaced requests are most of what is seen. */
const BIN_SECONDS = 5;
/** Wider bins make what comes and goes (garbage collection, a neighbour) part of the noise, not of the trend. */
const MOST_BINS = 40;
/** With fewer, the interval is so wide that it decides nothing. */
const LEAST_BINS = 5;

/** How much CPU time a request rose over the phase, as a share of its mean. */
export interface CpuDrift {
  readonly ratio: number;
  /** Two-sided 95 % interval. */
  readonly lower: number;
  readonly upper: number;
  readonly bins: number;
}

export function leastDriftSeconds(): number {
  return LEAST_BINS * BIN_SECONDS;
}

export function requestsIn({ second }: Sample): number {
  return sum(second.operations, ({ succeeded, failed }) => succeeded.count + failed.count);
}

/**
 * The straight line through CPU time ÷ requests of bins of at least 5 s, weighted by their requests. Its variance is at
 * least that of the ticks: user and system time, each cut off to whole ticks at both ends of a bin (a uniform error:
 * tick² ÷ 12). Undefined below 5 bins with requests.
 */
export function cpuDrift(samples: readonly Sample[]): CpuDrift | undefined {
  const bins = binned(samples, { leastSeconds: BIN_SECONDS, mostBins: MOST_BINS });
  const points = bins.flatMap((bin) => {
    const requests = sum(bin, requestsIn);
    if (requests === 0) return [];
    const cpuMs = sum(bin, ({ cpuCores }) => cpuCores * 1_000);
    return [{ x: sum(bin, ({ t }) => t + 0.5) / bin.length, y: cpuMs / requests, weight: requests }];
  });
  if (points.length < LEAST_BINS) return undefined;
  const tickVariance = 4 * (TICK_MS ** 2 / 12);
  const leastVariance = sum(points, ({ weight }) => tickVariance / weight) / points.length;
  const { slope, slopeMargin, mean } = weightedLine(points, leastVariance);
  const lengthSeconds = (samples.at(-1)?.t ?? 0) - (samples[0]?.t ?? 0) + 1;
  const [ratio, margin] = [(slope * lengthSeconds) / mean, (slopeMargin * lengthSeconds) / mean];
  return { ratio, lower: ratio - margin, upper: ratio + margin, bins: points.length };
}
