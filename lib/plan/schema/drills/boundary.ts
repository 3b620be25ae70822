import { z } from 'zod';
import { trafficByCapabilitySchema } from '../load.ts';
import { nameSchema, positiveDurationMsSchema } from '../quantities.ts';
import { drillRequestSchema } from '../requests.ts';
import { common } from './common.ts';

/** Whoever may call, by a name: a token that is good, and others that must be refused, each by what is wrong with it. */
const tokensSchema = z.strictObject({
  valid: z.string().min(1),
  refused: z
    .record(nameSchema, z.string().min(1))
    .refine((refused) => Object.keys(refused).length > 0, 'must name at least one: "expired", "wrong-audience"'),
});

/** Is whoever has no good token refused everywhere, also while something is broken? A call without any token is always tried. */
export const boundaryDrillSchema = z.strictObject({
  kind: z.literal('boundary'),
  ...common,
  /** Set through the traffic switch for its time. */
  traffic: trafficByCapabilitySchema.default({}),
  /** By caller. */
  tokens: z.record(nameSchema, tokensSchema),
  /** `{{token}}` in a request's headers or metadata stands for the token; without one the header is left out. */
  endpoints: z
    .array(z.strictObject({ name: nameSchema, caller: nameSchema, request: drillRequestSchema }))
    .min(1)
    .max(200),
  /** Edges that are down in the middle of it, so that other ways are taken. */
  down: z.array(nameSchema).default([]),
  /** How long each of its parts takes: before, while the edges are down, and after. */
  for: positiveDurationMsSchema.default(2_000),
  /** Calls with each token, to each endpoint, in each part. */
  copies: z.number().int().min(1).max(50).default(2),
});
