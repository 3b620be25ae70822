import { z } from 'zod';
import { trafficByCapabilitySchema } from '../load.ts';
import { nameSchema, ratePerSecondSchema, ratioSchema } from '../quantities.ts';
import { drillRequestSchema } from '../requests.ts';
import { common } from './common.ts';
import { valuesSchema } from './values.ts';

/** What stands for a placeholder in requests to one of the two: an address, a token. */
const sideSchema = z.record(z.string().regex(/^\w+$/, 'must be letters, digits and _'), z.string().min(1));

const comparedRequestSchema = z.strictObject({
  name: nameSchema,
  /** Its texts may hold what `baseline` and `candidate` name, the values below, and `{{key}}` and `{{account}}`, which are new each time. */
  request: drillRequestSchema,
  values: valuesSchema.default({}),
  /** What the baseline does with it; where it does something else, nothing is learnt. */
  expect: z.enum(['success', 'failure']).default('success'),
  /** Headers that are compared, beside the status and the body; over gRPC also of the metadata. Its trailers all are. */
  headers: z.array(z.string().min(1).toLowerCase()).default(['content-type']),
  // A pointer with a * in it would end a doc comment.
  // Fields that may differ: "/lines/*/unitMinor" with all below it, or the name of a field wherever it stands.
  ignore: z.array(z.string().min(1)).default([]),
  /** How many of the answers may differ in a field, beyond those in which the baseline differs from itself. */
  atMost: ratioSchema
    .refine((share) => share > 0 && share < 1, 'must be more than 0% and less than 100%')
    .default(0.001),
  /** Requests to the candidate, and pairs of them to the baseline. Default: a few more than it takes to show `atMost`. */
  samples: z.number().int().min(1).max(1_000_000).optional(),
});

/** Does the candidate answer as the baseline does? Each request goes to the baseline twice and to the candidate once. */
export const parityDrillSchema = z.strictObject({
  kind: z.literal('parity'),
  ...common,
  /** Set through the traffic switch for its time; such that the baseline answers by itself. */
  traffic: trafficByCapabilitySchema.default({}),
  baseline: sideSchema,
  candidate: sideSchema,
  requests: z.array(comparedRequestSchema).min(1).max(100),
  /** Requests a second that the harness sends, to both together. */
  pace: ratePerSecondSchema.refine((rate) => rate > 0, 'must be more than 0/s').default(300),
});
