import { z } from 'zod';
import { nameSchema, positiveDurationMsSchema, ratePerSecondSchema } from './quantities.ts';

/** What share of a capability's traffic the candidate takes. */
export const trafficSchema = z.union(
  [z.enum(['off', 'shadow', 'dual', 'full']), z.strictObject({ canary: z.number().min(0).max(100) })],
  { error: 'must be "off", "shadow", "dual", "full" or { canary: 0–100 }' },
);
export const trafficByCapabilitySchema = z.record(nameSchema, trafficSchema);

export const envSchema = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be an environment variable name'),
  z.string(),
);

/** Arrivals: constant, a straight line, equal steps, or a recorded shape that is fitted to the phase. */
const rateSchema = z.union(
  [
    ratePerSecondSchema,
    z.strictObject({ from: ratePerSecondSchema, to: ratePerSecondSchema }),
    z.strictObject({ steps: z.array(ratePerSecondSchema).min(2).max(1_000) }),
    z.strictObject({
      /**
       * A CSV file of (time, rate), relative to the file that names it: seconds, hh:mm, hh:mm:ss or ISO 8601, and arrivals a
       * second, straight lines in between, at most 2,000 lines. Its whole span becomes the phase's duration: a day fits into minutes.
       */
      csv: z.string().min(1),
      /** Scales the shape so that its highest rate is this. */
      peak: ratePerSecondSchema.optional(),
    }),
  ],
  { error: 'must be a rate such as "200/s", { from, to }, { steps: […] } or { csv: file, peak? }' },
);

export const phaseSchema = z.strictObject({
  name: nameSchema,
  duration: positiveDurationMsSchema,
  rate: rateSchema,
  /** Variables that a scenario's `setting()` reads in this phase, over those of the whole load. */
  env: envSchema.default({}),
  /** Set through the traffic switch when the phase starts. */
  traffic: trafficByCapabilitySchema.default({}),
});

export const loadSchema = z.strictObject({
  /** A k6 script, relative to the file that names it, or `builtin:<name>`; may come from the config's defaults. */
  scenario: z.string().min(1).optional(),
  /** Handed to the script as `__ENV`; may hold placeholders such as `{{shop}}`. */
  env: envSchema.default({}),
  phases: z.array(phaseSchema).min(1).max(100),
  /** The phase in which the budgets must hold before the first fault is injected. */
  steady: nameSchema.default('steady'),
  /** Upper bound of concurrent iterations; default: 2 s of the peak rate, at least 20. */
  maxVUs: z.number().int().min(1).max(50_000).optional(),
  /** Keep what the scenario's `ledger` helper records, in the run folder's writes.ndjson. */
  recordWrites: z.boolean().default(false),
});

export type LoadInput = z.output<typeof loadSchema>;
export type Traffic = z.output<typeof trafficSchema>;
