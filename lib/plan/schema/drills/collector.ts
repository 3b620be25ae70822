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
  /** How long the collector is there, hangs, and is down, in each round. It is red only where every round shows it: a neighbour's noise does not come twice. */
  for: positiveDurationMsSchema.default(4_000),
  rounds: z.number().int().min(1).max(10).default(3),
  /** Fewer requests with it, while it hangs, or while it is down, over all rounds: inconclusive. */
  minEvents: z.number().int().min(1).default(500),
});
