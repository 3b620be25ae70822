import { z } from 'zod';
import { trafficByCapabilitySchema } from '../load.ts';
import { durationMsSchema, factorSchema, nameSchema, positiveDurationMsSchema, ratioSchema } from '../quantities.ts';
import { common } from './common.ts';
import { counterSchema } from './counter.ts';

const trafficSchema = trafficByCapabilitySchema.refine(
  (traffic) => Object.keys(traffic).length > 0,
  'must name at least one capability',
);

/** Does shadow traffic stay without effect: on what the shadow stores, and on how fast the primary answers? */
export const shadowDrillSchema = z.strictObject({
  kind: z.literal('shadow'),
  ...common,
  /** The traffic without the shadow, which is set again at the end, and with it. */
  off: trafficSchema,
  shadow: trafficSchema,
  /** How long the load goes on without, and with it; and then with each way in which the shadow is dead. */
  for: positiveDurationMsSchema.default(8_000),
  dead: z
    .strictObject({
      /** Over which the shadow is called. */
      edges: z.array(nameSchema).min(1),
      /** Nothing comes through its connections, or they are refused. */
      by: z
        .array(z.enum(['hang', 'down']))
        .min(1)
        .max(2)
        .refine((by) => new Set(by).size === by.length, 'names one twice')
        .default(['hang', 'down']),
      for: positiveDurationMsSchema.default(6_000),
    })
    .optional(),
  /** The primary's answers: the quantile of these operations' together is at most so much of what it is without, and `slack` on top. */
  latency: z.strictObject({
    operations: z.array(z.string().min(1)).min(1),
    protocol: z.enum(['http', 'grpc']).optional(),
    quantile: ratioSchema.default(0.99),
    atMost: factorSchema.default(1.01),
    slack: durationMsSchema.default(5),
  }),
  /** Counts what the shadow has done that it must not do. */
  effects: counterSchema,
  /** What could have had such an effect: so many of the load's requests to these operations succeeded meanwhile. */
  writes: z.strictObject({
    operations: z.array(z.string().min(1)).min(1),
    atLeast: z.number().int().min(1).default(100),
  }),
  /** Counts what was sent to the shadow, or was to be. */
  shadowed: z.strictObject({ ...counterSchema.shape, atLeast: z.number().int().min(1).default(100) }),
});
