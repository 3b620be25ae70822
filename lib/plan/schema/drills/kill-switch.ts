import { z } from 'zod';
import { trafficByCapabilitySchema } from '../load.ts';
import { nameSchema, positiveDurationMsSchema } from '../quantities.ts';
import { common } from './common.ts';
import { drillFaultSchema, watchedEdgeSchema } from './parts.ts';

/** RBK-4: engaged under load it takes the candidate out of all traffic, a second use changes nothing, and it can be released. */
export const killSwitchDrillSchema = z.strictObject({
  kind: z.literal('kill-switch'),
  ...common,
  /** What the candidate has of the traffic before. */
  traffic: trafficByCapabilitySchema,
  /** Every way to the candidate: no call may arrive there any more. */
  edges: z.array(watchedEdgeSchema).min(1),
  /** From when it is engaged until the last call has arrived; as long, after its release, until they arrive again. */
  within: positiveDurationMsSchema,
  /** Fields of what the switch reads back that may differ between two looks at the same state. */
  ignore: z.array(z.string().min(1)).default([]),
  /** Does it get through when the way to it is disturbed? The same bound holds. */
  control: z
    .strictObject({
      /** An edge from the client through which the kill switch's calls pass. */
      edge: nameSchema,
      fault: drillFaultSchema,
      /** How long the disturbance lasts; default: the whole step. */
      for: positiveDurationMsSchema.optional(),
    })
    .optional(),
});
