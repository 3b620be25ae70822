import type { Histogram } from './observations.ts';

/**
 * Maths on exponential histograms. k6 counts in schema 3: 8 buckets per power of two, each 9.05 % wider than the one
 * before. Buckets of two schemas add up after the finer one is down-scaled: 2^d neighbours become one.
 */

type Buckets = readonly (readonly [index: number, count: number])[];

/** The resolution of k6's native histograms. */
const K6_SCHEMA = 3;
/** The zero threshold of k6's native histograms (the default of Prometheus' client library), 2^-128. */
const K6_ZERO_THRESHOLD = 2 ** -128;

export function emptyHistogram(): Histogram {
  return { schema: K6_SCHEMA, zeroThreshold: K6_ZERO_THRESHOLD, zeroCount: 0, count: 0, sum: 0, buckets: [] };
}

/**
 * The events of both. The coarser resolution and the higher zero threshold win; what is said of each bucket and of
 * `zeroCount` stays true for every event in it. An empty histogram changes nothing, whatever its resolution.
 */
export function addHistograms(a: Histogram, b: Histogram): Histogram {
  if (b.count === 0) return a;
  if (a.count === 0) return b;
  const schema = Math.min(a.schema, b.schema);
  return {
    schema,
    zeroThreshold: Math.max(a.zeroThreshold, b.zeroThreshold),
    zeroCount: a.zeroCount + b.zeroCount,
    count: a.count + b.count,
    sum: a.sum + b.sum,
    buckets: mergeBuckets(downScale(a, schema), downScale(b, schema), 1),
  };
}

/**
 * What was added to a cumulative histogram between two readings. When that is not possible, because a count went down or
 * the resolution became finer, the source has started anew and everything in `later` is new.
 */
export function subtractHistogram(later: Histogram, earlier: Histogram): Histogram {
  if (later.schema > earlier.schema || later.count < earlier.count || later.zeroCount < earlier.zeroCount) return later;
  const buckets = mergeBuckets(later.buckets, downScale(earlier, later.schema), -1);
  if (buckets.some(([, count]) => count < 0)) return later;
  return {
    schema: later.schema,
    zeroThreshold: later.zeroThreshold,
    zeroCount: later.zeroCount - earlier.zeroCount,
    count: later.count - earlier.count,
    sum: later.sum - earlier.sum,
    buckets,
  };
}

/**
 * The value in seconds that a share `q` (0–1) of the events does not exceed; undefined without events. The bucket is the
 * one that holds the event of rank ⌈q × count⌉ (nearest rank), and thus holds the exact quantile too; in it the position is
 * interpolated geometrically, which is exact if events are spread evenly on a logarithmic scale. Error: less than one
 * bucket's width, 9.05 % of the value in schema 3, and mostly far below that.
 */
export function quantile(histogram: Histogram, q: number): number | undefined {
  const { schema, zeroThreshold, zeroCount, buckets } = histogram;
  const total = buckets.reduce((sum, [, count]) => sum + count, zeroCount);
  if (total === 0) return undefined;
  const wanted = Math.min(1, Math.max(0, q)) * total;
  // The tolerance keeps 0.07 × 100 = 7.000000000000001 at rank 7.
  const rank = Math.max(1, Math.ceil(wanted - 1e-9));
  if (rank <= zeroCount) return zeroThreshold * share(wanted, zeroCount);
  let before = zeroCount;
  for (const [index, count] of buckets) {
    if (rank <= before + count) {
      const [lower, upper] = [upperBound(schema, index - 1), upperBound(schema, index)];
      return lower * (upper / lower) ** share(wanted - before, count);
    }
    before += count;
  }
  return undefined;
}

function share(part: number, whole: number): number {
  return Math.min(1, Math.max(0, part / whole));
}

/**
 * How many events took at most `thresholdSeconds`: at least `low` surely did, at most `high` may have. They differ by the
 * events of the one bucket that the threshold lies in.
 */
export function countBelow(histogram: Histogram, thresholdSeconds: number): { low: number; high: number } {
  const { schema, zeroThreshold, zeroCount, buckets } = histogram;
  let low = zeroThreshold <= thresholdSeconds ? zeroCount : 0;
  let high = zeroCount;
  for (const [index, count] of buckets) {
    if (upperBound(schema, index) <= thresholdSeconds) low += count;
    if (upperBound(schema, index - 1) < thresholdSeconds) high += count;
  }
  return { low, high };
}

/** 2^(index × 2^-schema), exact for whole powers of two. */
function upperBound(schema: number, index: number): number {
  const exponent = index * 2 ** -schema;
  const whole = Math.floor(exponent);
  return 2 ** (exponent - whole) * 2 ** whole;
}

function downScale({ schema, buckets }: Histogram, to: number): Buckets {
  if (schema === to) return buckets;
  const factor = 2 ** (schema - to);
  const coarse: [number, number][] = [];
  for (const [index, count] of buckets) {
    // Upper bounds are inclusive, so that each coarse bucket ends with the fine one whose index is a multiple.
    const target = Math.ceil(index / factor) + 0;
    const last = coarse.at(-1);
    if (last !== undefined && last[0] === target) last[1] += count;
    else coarse.push([target, count]);
  }
  return coarse;
}

/** a + sign × b by index; empty buckets are left out. Both are ordered by index, and so is the result. */
function mergeBuckets(a: Buckets, b: Buckets, sign: 1 | -1): Buckets {
  const merged: (readonly [number, number])[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [indexA, countA] = a[i] ?? [Infinity, 0];
    const [indexB, countB] = b[j] ?? [Infinity, 0];
    const index = Math.min(indexA, indexB);
    let count = 0;
    if (indexA === index) {
      count += countA;
      i += 1;
    }
    if (indexB === index) {
      count += sign * countB;
      j += 1;
    }
    if (count !== 0) merged.push([index, count]);
  }
  return merged;
}
