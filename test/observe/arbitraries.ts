import fc from 'fast-check';
import type { Histogram } from '../../lib/observe/observations.ts';

const K6_SCHEMA = 3;
const ZERO_THRESHOLD = 2 ** -128;

/** Index of the bucket that holds a value: base^(i-1) < value ≤ base^i. Searched, not computed as the code under test does. */
function bucketOf(schema: number, value: number): number {
  const bound = (index: number) => 2 ** (index / 2 ** schema);
  let index = Math.floor(Math.log2(value) * 2 ** schema) - 2;
  while (bound(index) < value) index += 1;
  return index;
}

/** Counts raw values as k6 does. */
export function histogramOf(values: readonly number[], schema = K6_SCHEMA): Histogram {
  const counts = new Map<number, number>();
  let zeroCount = 0;
  for (const value of values) {
    if (value <= ZERO_THRESHOLD) zeroCount += 1;
    else counts.set(bucketOf(schema, value), (counts.get(bucketOf(schema, value)) ?? 0) + 1);
  }
  return {
    schema,
    zeroThreshold: ZERO_THRESHOLD,
    zeroCount,
    count: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    buckets: [...counts].toSorted(([a], [b]) => a - b),
  };
}

/** Durations in seconds: 0 (refused connections), powers of two (on a bucket's edge) and anything from 1 µs to 100 s. */
export const seconds: fc.Arbitrary<number> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: -20, max: 6 }).map((exponent) => 2 ** exponent) },
  { weight: 7, arbitrary: fc.double({ min: Math.log(1e-6), max: Math.log(100), noNaN: true }).map(Math.exp) },
);

export const samples: fc.Arbitrary<number[]> = fc.array(seconds, { minLength: 1, maxLength: 200 });

/** Whole sums, so that adding is exact and associativity can be compared bit by bit. */
export const histograms: fc.Arbitrary<Histogram> = fc
  .record({
    values: fc.array(seconds, { maxLength: 50 }),
    schema: fc.integer({ min: -2, max: 6 }),
    sum: fc.integer({ min: 1, max: 1_000_000 }),
  })
  .map(({ values, schema, sum }) => ({ ...histogramOf(values, schema), sum: values.length === 0 ? 0 : sum }));
