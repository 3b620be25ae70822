import { z } from 'zod';
import { durationMsSchema, factorSchema, positiveDurationMsSchema, ratioSchema } from '../quantities.ts';
import { common } from './common.ts';

/**
 * A collector of spans that hangs, and one that is down: no request may feel it (TRC-2). Services export to `{{otlp.http}}` or
 * `{{otlp.grpc}}`.
 */
export const collectorDrillSchema = z.strictObject({
  kind: z.literal('collector'),
  ...common,
  /** Whose latency is compared; default: all operations together. */
  operation: z.string().min(1).default('*'),
  protocol: z.enum(['http', 'grpc']).optional(),
  quantile: ratioSchema.default(0.99),
  /** Of what it is with the collector, with `slack` on top: what quantiles move by anyway. */
  atMost: factorSchema.default(1.01),
  slack: durationMsSchema.default(10),
  /** How long the collector is there, hangs, and is down. */
  for: positiveDurationMsSchema.default(12_000),
  /** Fewer requests in each: inconclusive. */
  minEvents: z.number().int().min(1).default(500),
});
