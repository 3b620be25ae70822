import { z } from 'zod';
import { envSchema, trafficByCapabilitySchema } from './load.ts';
import { durationMsSchema, nameSchema, ratioSchema } from './quantities.ts';

/** What makes a block the baseline's or the candidate's: traffic is switched, or the scenario is told something else. */
const variantSchema = z.strictObject({
  traffic: trafficByCapabilitySchema.default({}),
  env: envSchema.default({}),
});

const margin = ratioSchema
  .default(0.1)
  .meta({ description: 'how much worse the candidate may be and still be as good' });
const operation = z.string().min(1).default('*');
const protocol = z.enum(['http', 'grpc']).optional();
const services = z.array(nameSchema).min(1).optional().meta({ description: 'taken together; default: all' });

/** What is compared; each gets a check of its own. */
export const comparedSchema = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('latency'), operation, protocol, quantile: ratioSchema.default(0.95), margin }),
  /** `margin` is absolute: a share of all requests. */
  z.strictObject({ of: z.literal('errors'), operation, protocol, margin: ratioSchema.default(0.001) }),
  z.strictObject({ of: z.literal('throughput'), margin: ratioSchema.default(0.01) }),
  z.strictObject({ of: z.literal('cpu-per-request'), services, margin }),
  z.strictObject({ of: z.literal('memory'), services, margin }),
]);

/** Baseline against candidate on one machine: the phase is split into interleaved blocks (ABBA …) of equal length. */
export const comparisonSchema = z.strictObject({
  phase: nameSchema.default('compare').meta({ description: 'the load phase (of constant rate) that is split' }),
  /** Of each of the two; as many as it takes to see 10 % where blocks vary by 8 % (docs/benchmarks.md). */
  blocks: z.number().int().min(6).max(200).default(36),
  /** The beginning of each block that is not compared. */
  settle: durationMsSchema.default(1_000),
  baseline: variantSchema.prefault({}),
  candidate: variantSchema.prefault({}),
  metrics: z
    .array(comparedSchema)
    .min(1)
    .prefault([{ of: 'latency' }, { of: 'errors' }, { of: 'throughput' }, { of: 'cpu-per-request' }]),
  /** Of the comparison as a whole: how sure a red verdict is that the candidate is worse. */
  confidence: ratioSchema.default(0.99),
});

export type Comparison = z.output<typeof comparisonSchema>;
export type Compared = z.output<typeof comparedSchema>;
