import type { Histogram } from './observations.ts';

/**
 * k6's histograms have 8 buckets per power of two (schema 3), 9.05 % wide. The support library therefore records the 8th
 * power of a response time: the bounds of its buckets, 2^(i/8), are to the 8th root 2^(i/64), those of schema 6 with the same
 * index, which are 1.1 % wide.
 */
const SCHEMA_STEPS = 3;

/** Back from the 8th powers. The sum of powers says nothing: it is taken from the buckets' geometric middles. */
export function eighthRoot({ schema, zeroThreshold, zeroCount, count, buckets }: Histogram): Histogram {
  const fine = schema + SCHEMA_STEPS;
  const sum = buckets.reduce((total, [index, events]) => total + events * 2 ** ((index - 0.5) * 2 ** -fine), 0);
  return { schema: fine, zeroThreshold: zeroThreshold ** (1 / 2 ** SCHEMA_STEPS), zeroCount, count, sum, buckets };
}
