import { z } from 'zod';
import { nameSchema, positiveDurationMsSchema, ratioSchema } from '../quantities.ts';
import { common } from './common.ts';
import { watchedEdgeSchema, windowBudgetSchema } from './parts.ts';

/** RBK-6, RBK-3: all traffic to the candidate, back to the baseline, and to the candidate again, under load. */
export const blueGreenDrillSchema = z.strictObject({
  kind: z.literal('blue-green'),
  ...common,
  /** What is switched, all of it together. */
  capabilities: z.array(nameSchema).min(1),
  /** The ways to the candidate: by the calls that arrive there it is seen where the traffic is. */
  edges: z.array(watchedEdgeSchema).min(1),
  /** Must hold on either side, over all of its time, the switch included. */
  budget: windowBudgetSchema,
  /** Share of all requests that may fail, over the whole drill. */
  disruption: ratioSchema.default(0.001),
  /** From when the switch is asked for until all traffic has moved. */
  within: positiveDurationMsSchema.default(2_000),
  /** How long each side has the traffic. */
  hold: positiveDurationMsSchema.default(5_000),
});
