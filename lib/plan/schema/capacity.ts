import { z } from 'zod';
import {
  durationMsSchema,
  factorSchema,
  positiveDurationMsSchema,
  ratePerSecondSchema,
  ratioSchema,
} from './quantities.ts';

/** How the highest rate that holds the steady phase's budgets is looked for. */
export const capacitySchema = z.strictObject({
  /** The first rate that is tried; it should hold. */
  from: ratePerSecondSchema.optional().meta({ description: 'default: half the rate of the steady phase' }),
  /** Never more than this. */
  upTo: ratePerSecondSchema.optional().meta({ description: 'default: 20 times the steady rate' }),
  /** The search ends when last pass and first fail are this close. */
  precision: ratioSchema.default(0.05),
  /** Load before each probe's judged part, at its rate. */
  warmUp: durationMsSchema.default(3_000),
  /** How long each probe is judged, at least; longer where a budget needs more events. */
  duration: positiveDurationMsSchema.default(8_000),
  maxProbes: z.number().int().min(3).max(50).default(10),
  /**
   * Services that the harness starts are fresh in each probe. One that runs already is not: each probe then begins with this
   * long at a tenth of its rate, in which the system gets rid of what the probe before has left.
   */
  coolDown: durationMsSchema.default(5_000),
  /** The peak that is to come: the answer is judged against it. */
  forecast: ratePerSecondSchema.optional(),
  /** How much of the forecast must be held. */
  headroom: factorSchema.default(1),
});

export type CapacitySettings = z.output<typeof capacitySchema>;
