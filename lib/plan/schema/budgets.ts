import { z } from 'zod';
import { coresSchema, nameSchema, positiveDurationMsSchema, ratioSchema, sizeBytesSchema } from './quantities.ts';

const common = {
  /** Shown in the report; default: made from the other fields. */
  name: z.string().min(1).max(120).optional(),
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
  after: nameSchema.meta({ description: 'the name of the fault' }),
  within: positiveDurationMsSchema,
  under: positiveDurationMsSchema,
  atLeast: ratioSchema,
});

export const budgetSchema = z.discriminatedUnion('kind', [
  latencyBudgetSchema,
  errorsBudgetSchema,
  throughputBudgetSchema,
  cpuBudgetSchema,
  memoryBudgetSchema,
  recoveryBudgetSchema,
]);

/** A budget as judged: quantities are numbers (milliseconds, ratios 0–1, bytes, cores), defaults filled in. */
export type Budget = z.output<typeof budgetSchema>;
export type LatencyBudget = z.output<typeof latencyBudgetSchema>;
export type ErrorsBudget = z.output<typeof errorsBudgetSchema>;
export type ThroughputBudget = z.output<typeof throughputBudgetSchema>;
export type CpuBudget = z.output<typeof cpuBudgetSchema>;
export type MemoryBudget = z.output<typeof memoryBudgetSchema>;
export type RecoveryBudget = z.output<typeof recoveryBudgetSchema>;
