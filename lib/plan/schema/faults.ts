import { z } from 'zod';
import { durationMsSchema, nameSchema, positiveDurationMsSchema } from './quantities.ts';

const common = {
  /** Default: `<kind>-<edge>`; must be unique in the experiment. */
  name: nameSchema.optional(),
  edge: nameSchema,
  /** When: either the whole of a load phase, or `at` (after the load's start) and `for`. */
  during: nameSchema.optional(),
  at: durationMsSchema.optional(),
  for: positiveDurationMsSchema.optional(),
};

/** Every reply on the edge is late by `latency` ± `jitter`. */
export const latencyFaultSchema = z.strictObject({
  kind: z.literal('latency'),
  ...common,
  latency: positiveDurationMsSchema,
  jitter: durationMsSchema.default(0),
});

/** The edge's connections are cut and new ones refused. */
export const downFaultSchema = z.strictObject({ kind: z.literal('down'), ...common });

export const faultSchema = z.discriminatedUnion('kind', [latencyFaultSchema, downFaultSchema]);

export type FaultInput = z.output<typeof faultSchema>;
