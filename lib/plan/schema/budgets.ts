import { z } from 'zod';
import {
  coresSchema,
  durationMsSchema,
  factorSchema,
  growthSchema,
  nameSchema,
  positiveDurationMsSchema,
  ratePerSecondSchema,
  ratioSchema,
  sizeBytesSchema,
} from './quantities.ts';

const common = {
  /** Shown in the report; default: made from the other fields. */
  name: z.string().min(1).max(120).optional(),
  /** The check of a catalogue that this budget is, for reports: "CAP-1". */
  catalogue: z
    .string()
    .regex(/^[A-Z]{2,5}-\d{1,3}$/, 'must be like "CAP-1"')
    .optional(),
};

const minEvents = z.number().int().min(1).default(100).meta({
  description: 'fewer events than this in the phase: inconclusive, never pass',
});

const scope = {
  operation: z.string().min(1).default('*').meta({ description: 'the name tag of the operation; "*" = all together' }),
  protocol: z.enum(['http', 'grpc']).optional(),
  phase: nameSchema.meta({ description: 'the load phase it is judged in' }),
};

/** "≥ `atLeast` of `operation` succeed in under `under`". */
export const latencyBudgetSchema = z.strictObject({
  kind: z.literal('latency'),
  ...common,
  ...scope,
  under: positiveDurationMsSchema,
  atLeast: ratioSchema,
  minEvents,
});

/** "≤ `atMost` of `operation` fail"; a dropped iteration and an exception are failures. */
export const errorsBudgetSchema = z.strictObject({
  kind: z.literal('errors'),
  ...common,
  ...scope,
  atMost: ratioSchema,
  minEvents,
});

/** "≥ `atLeast` of the planned arrivals are completed". */
export const throughputBudgetSchema = z.strictObject({
  kind: z.literal('throughput'),
  ...common,
  phase: nameSchema,
  atLeast: ratioSchema.default(0.99),
  minEvents,
});

/** "`service` uses ≤ `atMost` on the phase's average". */
export const cpuBudgetSchema = z.strictObject({
  kind: z.literal('cpu'),
  ...common,
  service: nameSchema,
  phase: nameSchema,
  atMost: coresSchema,
});

/** "`service`'s resident memory never exceeds `atMost` in the phase". */
export const memoryBudgetSchema = z.strictObject({
  kind: z.literal('memory'),
  ...common,
  service: nameSchema,
  phase: nameSchema,
  atMost: sizeBytesSchema,
});

/**
 * "At most `within` after the fault is removed, three one-second windows in a row hold": in each at least `atLeast`
 * of `operation` succeed in under `under`.
 */
export const recoveryBudgetSchema = z.strictObject({
  kind: z.literal('recovery'),
  ...common,
  operation: scope.operation,
  protocol: scope.protocol,
  after: nameSchema.meta({ description: 'the name of the fault or of the phase that it recovers from' }),
  within: positiveDurationMsSchema,
  under: positiveDurationMsSchema,
  atLeast: ratioSchema,
});

/**
 * "The `quantile` of `operation` in `phase` is at most (its value in `against` + `hops` × the delay that `fault` injects) ×
 * `atMost` + `slack`": what a network delay, skewed data or a noisy neighbour may cost.
 */
export const latencyRiseBudgetSchema = z.strictObject({
  kind: z.literal('latency-rise'),
  ...common,
  ...scope,
  against: nameSchema.meta({ description: 'the phase that it is compared with' }),
  quantile: ratioSchema.default(0.99),
  atMost: factorSchema.default(1.1).meta({ description: 'of the value in `against`, for example "110%"' }),
  /** A latency fault in force in `phase`; its delay (with jitter) is allowed `hops` times. */
  fault: nameSchema.optional(),
  hops: z.number().int().min(1).max(100).default(1),
  /** Added to the limit: what quantiles move by anyway. */
  slack: durationMsSchema.default(1),
  minEvents: minEvents.default(500),
});

/** "In `phase`, good events a second (success in under `under`) are at least `atLeast` of those in `against`". */
export const goodputBudgetSchema = z.strictObject({
  kind: z.literal('goodput'),
  ...common,
  ...scope,
  against: nameSchema,
  under: positiveDurationMsSchema,
  atLeast: ratioSchema.default(0.9),
  minEvents,
});

/** "Of the requests that failed, `atLeast` were refused in the agreed way": HTTP 429 or gRPC RESOURCE_EXHAUSTED. */
export const rejectionsBudgetSchema = z.strictObject({
  kind: z.literal('rejections'),
  ...common,
  ...scope,
  atLeast: ratioSchema.default(0.99),
  minEvents,
});

/** "`operation` succeeds `rate` times a second, ± `tolerance`": a tenant that asks for more is held to its quota. */
export const quotaBudgetSchema = z.strictObject({
  kind: z.literal('quota'),
  ...common,
  ...scope,
  rate: ratePerSecondSchema,
  tolerance: ratioSchema.default(0.1),
  /** Requests that may pass on top of it, once. */
  burst: z.number().int().min(0).default(0),
  minEvents,
});

/** "`service` spends ≤ `atMost` of CPU time a request, and that drifts by ≤ `drift` over the phase". */
export const cpuPerRequestBudgetSchema = z
  .strictObject({
    kind: z.literal('cpu-per-request'),
    ...common,
    service: nameSchema,
    phase: nameSchema,
    atMost: positiveDurationMsSchema.optional(),
    /** Of the phase's mean, upwards, from its start to its end. */
    drift: ratioSchema.optional(),
    minEvents,
  })
  .refine(({ atMost, drift }) => atMost !== undefined || drift !== undefined, 'must have `atMost`, `drift` or both');

/** "`service`'s resident memory grows by ≤ `atMost`": the slope's upper 95 % bound. */
export const memoryGrowthBudgetSchema = z.strictObject({
  kind: z.literal('memory-growth'),
  ...common,
  service: nameSchema,
  phase: nameSchema,
  atMost: growthSchema.default({ ratioPerHour: 0.01 }),
});

export const budgetSchema = z.discriminatedUnion('kind', [
  latencyBudgetSchema,
  errorsBudgetSchema,
  throughputBudgetSchema,
  cpuBudgetSchema,
  memoryBudgetSchema,
  recoveryBudgetSchema,
  latencyRiseBudgetSchema,
  goodputBudgetSchema,
  rejectionsBudgetSchema,
  quotaBudgetSchema,
  cpuPerRequestBudgetSchema,
  memoryGrowthBudgetSchema,
]);

/** A budget as judged: quantities are numbers (milliseconds, ratios 0–1, bytes, cores), defaults filled in. */
export type Budget = z.output<typeof budgetSchema>;
export type LatencyBudget = z.output<typeof latencyBudgetSchema>;
export type ErrorsBudget = z.output<typeof errorsBudgetSchema>;
export type ThroughputBudget = z.output<typeof throughputBudgetSchema>;
export type CpuBudget = z.output<typeof cpuBudgetSchema>;
export type MemoryBudget = z.output<typeof memoryBudgetSchema>;
export type RecoveryBudget = z.output<typeof recoveryBudgetSchema>;
export type LatencyRiseBudget = z.output<typeof latencyRiseBudgetSchema>;
export type GoodputBudget = z.output<typeof goodputBudgetSchema>;
export type RejectionsBudget = z.output<typeof rejectionsBudgetSchema>;
export type QuotaBudget = z.output<typeof quotaBudgetSchema>;
export type CpuPerRequestBudget = z.output<typeof cpuPerRequestBudgetSchema>;
export type MemoryGrowthBudget = z.output<typeof memoryGrowthBudgetSchema>;
