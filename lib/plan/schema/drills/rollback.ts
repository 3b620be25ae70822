import { z } from 'zod';
import { trafficByCapabilitySchema } from '../load.ts';
import { positiveDurationMsSchema, ratioSchema } from '../quantities.ts';
import { common } from './common.ts';
import { drillFaultSchema, windowBudgetSchema } from './parts.ts';

/** RBK-2, RBK-3: the candidate goes bad under load, and is taken out of traffic while it stays bad. */
export const rollbackDrillSchema = z.strictObject({
  kind: z.literal('rollback'),
  ...common,
  /** What the candidate has of the traffic when it goes bad. */
  traffic: trafficByCapabilitySchema,
  /** What makes it bad, and stays; without one it is bad by itself as soon as it has traffic. */
  fault: drillFaultSchema.optional(),
  /** Windows of one second that break this are what the decision to roll back rests on. */
  budget: windowBudgetSchema,
  /** So many windows, one after the other, outside the budget: then it is rolled back. */
  decideAfter: z.number().int().min(1).max(60).default(2),
  /** By the kill switch, or by moving traffic. */
  by: z
    .union([z.literal('kill-switch'), z.strictObject({ traffic: trafficByCapabilitySchema })], {
      error: 'must be "kill-switch" or { traffic: { … } }',
    })
    .default('kill-switch'),
  /** From the trigger (the fault, or the traffic without one) to three windows in a row that hold. */
  within: positiveDurationMsSchema,
  /** Share of all requests that may fail from when the rollback is asked for until three windows have held. */
  disruption: ratioSchema.default(0.001),
});
