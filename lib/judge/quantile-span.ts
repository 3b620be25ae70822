import { quantile } from '../observe/histogram.ts';
import type { Histogram } from '../observe/observations.ts';
import { bucketAtRank } from './bucket-edges.ts';
import { rankInterval } from './statistics/rank-interval.ts';

/** A quantile in milliseconds: what it is in the sample, and where it may be in what that was drawn from. */
export interface QuantileSpan {
  readonly estimateMs: number;
  /** Two-sided 99 % bounds, with the width of the histogram's buckets. */
  readonly lowerMs: number;
  readonly upperMs: number;
  /** How much of the way from the estimate to the bounds is the buckets' width: no number of events takes it away. */
  readonly lowerBucketMs: number;
  readonly upperBucketMs: number;
}

/**
 * The quantile `q` of the durations and of `slower` events more that took longer than all of them. Bounds by order
 * statistics (`rankInterval`), each taken to the outer edge of its bucket; infinite where the sample has none.
 */
export function quantileSpan(durations: Histogram, q: number, slower: number): QuantileSpan {
  const total = durations.count + slower;
  const { lower, upper } = rankInterval(total, q);
  // The share of the durations that has the same rank in them as q has among all.
  const share = durations.count === 0 ? Number.POSITIVE_INFINITY : (q * total) / durations.count;
  const estimate = share > 1 ? Number.POSITIVE_INFINITY : (quantile(durations, share) ?? Number.NaN);
  const around = bucketAtRank(durations, Math.max(1, Math.ceil(q * total - 1e-9)));
  return {
    estimateMs: estimate * 1_000,
    lowerMs: bucketAtRank(durations, lower).lowerSeconds * 1_000,
    upperMs: bucketAtRank(durations, upper).upperSeconds * 1_000,
    lowerBucketMs: Number.isFinite(estimate) ? (estimate - around.lowerSeconds) * 1_000 : 0,
    upperBucketMs: Number.isFinite(estimate) ? (around.upperSeconds - estimate) * 1_000 : 0,
  };
}
