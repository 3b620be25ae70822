import { z } from 'zod';
import { alertsSchema } from './alerts.ts';
import { budgetSchema } from './budgets.ts';
import { capacitySchema } from './capacity.ts';
import { comparisonSchema } from './comparison.ts';
import { drillSchema } from './drills.ts';
import { faultSchema } from './faults.ts';
import { historySchema } from './history.ts';
import { envSchema, loadSchema, trafficByCapabilitySchema } from './load.ts';
import { nameSchema } from './quantities.ts';
import { tracesSchema } from './traces.ts';

export const experimentSchema = z
  .strictObject({
    /** For editors. */
    $schema: z.string().optional(),
    version: z.literal(1, { error: 'must be 1' }),
    name: nameSchema,
    description: z.string().default(''),
    seed: z.number().int().min(0).max(0xffff_ffff).default(1),
    /** Set through the system's traffic switch before the load starts. */
    traffic: trafficByCapabilitySchema.default({}),
    /** Settings of services that the harness starts, for this experiment only; over those of the system. */
    services: z.record(nameSchema, z.strictObject({ env: envSchema })).default({}),
    load: loadSchema,
    faults: z.array(faultSchema).default([]),
    /** Behaviour that callers are declared to have, checked after the last phase, one drill after the other. */
    drills: z.array(drillSchema).default([]),
    budgets: z.array(budgetSchema).default([]),
    /** What was written, against what is there in the end. */
    history: historySchema.optional(),
    /** Whether each request is one connected trace. */
    traces: tracesSchema.optional(),
    /** Alerts that must fire, and those that must not. */
    alerts: alertsSchema.optional(),
    /** Baseline against candidate, in interleaved blocks. */
    comparison: comparisonSchema.optional(),
    /** How `cutover capacity` looks for the highest rate that holds the steady phase's budgets. */
    capacity: capacitySchema.optional(),
  })
  .refine(
    ({ budgets, comparison, drills, ...rest }) =>
      budgets.length + drills.length > 0 ||
      [comparison, rest.history, rest.traces, rest.alerts].some((part) => part !== undefined),
    {
      path: ['budgets'],
      error: 'must have at least one budget or drill: without one nothing could fail',
    },
  );

export type Experiment = z.output<typeof experimentSchema>;
export type ExperimentInput = z.input<typeof experimentSchema>;
export type { Traffic } from './load.ts';
