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

/** How much wider each bucket is than the one before, as a share: 0.09 with 8 buckets per power of two. */
export function bucketWidthRatio(schema: number): number {
  return 2 ** (2 ** -schema) - 1;
}
