import { z } from 'zod';
import { budgetSchema } from './budgets.ts';
import { faultSchema } from './faults.ts';
import { loadSchema } from './load.ts';
import { nameSchema } from './quantities.ts';

/** What share of a capability's traffic the candidate takes. */
export const trafficSchema = z.union(
  [z.enum(['off', 'shadow', 'full']), z.strictObject({ canary: z.number().min(0).max(100) })],
  { error: 'must be "off", "shadow", "full" or { canary: 0–100 }' },
);

export const experimentSchema = z.strictObject({
  /** For editors. */
  $schema: z.string().optional(),
  version: z.literal(1, { error: 'must be 1' }),
  name: nameSchema,
  description: z.string().default(''),
  seed: z.number().int().min(0).max(0xffff_ffff).default(1),
  /** Set through the system's traffic switch before the load starts. */
  traffic: z.record(nameSchema, trafficSchema).default({}),
  load: loadSchema,
  faults: z.array(faultSchema).default([]),
  budgets: z.array(budgetSchema).min(1, 'must have at least one budget: without one nothing could fail'),
});

export type Experiment = z.output<typeof experimentSchema>;
export type ExperimentInput = z.input<typeof experimentSchema>;
export type Traffic = z.output<typeof trafficSchema>;
