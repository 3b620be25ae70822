import type { Histogram } from '../observe/observations.ts';

/**
 * The edges of the bucket that holds `seconds`: base^(i-1) < seconds ≤ base^i with base = 2^(2^-schema), as Prometheus
 * defines its native histograms; at or below the zero threshold the bucket is [0, zeroThreshold].
 */
export function bucketAround(
  histogram: Histogram,
  seconds: number,
): { readonly lowerSeconds: number; readonly upperSeconds: number } {
  if (seconds <= histogram.zeroThreshold) return { lowerSeconds: 0, upperSeconds: histogram.zeroThreshold };
  const perDoubling = 2 ** histogram.schema;
  const index = Math.ceil(Math.log2(seconds) * perDoubling);
  return { lowerSeconds: 2 ** ((index - 1) / perDoubling), upperSeconds: 2 ** (index / perDoubling) };
}

/**
 * The edges of the bucket that holds the event of a rank (1 = the fastest): its duration is surely in between. Infinite
 * for a rank beyond the last event, 0 below the first.
 */
export function bucketAtRank(
  histogram: Histogram,
  rank: number,
): { readonly lowerSeconds: number; readonly upperSeconds: number } {
  const { schema, zeroThreshold, zeroCount, buckets } = histogram;
  if (rank < 1) return { lowerSeconds: 0, upperSeconds: 0 };
  if (rank <= zeroCount) return { lowerSeconds: 0, upperSeconds: zeroThreshold };
  let before = zeroCount;
  for (const [index, count] of buckets) {
    before += count;
    if (rank > before) continue;
    const perDoubling = 2 ** schema;
    return { lowerSeconds: 2 ** ((index - 1) / perDoubling), upperSeconds: 2 ** (index / perDoubling) };
  }
  return { lowerSeconds: Number.POSITIVE_INFINITY, upperSeconds: Number.POSITIVE_INFINITY };
}

/** How much wider each bucket is than the one before, as a share: 0.09 with 8 buckets per power of two. */
export function bucketWidthRatio(schema: number): number {
  return 2 ** (2 ** -schema) - 1;
}
