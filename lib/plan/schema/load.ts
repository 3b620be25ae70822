import { z } from 'zod';
import { nameSchema, positiveDurationMsSchema, ratePerSecondSchema } from './quantities.ts';

export const phaseSchema = z.strictObject({
  name: nameSchema,
  duration: positiveDurationMsSchema,
  /** Arrivals: constant, or a straight line between two rates. */
  rate: z.union([ratePerSecondSchema, z.strictObject({ from: ratePerSecondSchema, to: ratePerSecondSchema })], {
    error: 'must be a rate such as "200/s", or { from, to } with two of them',
  }),
});

export const envSchema = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be an environment variable name'),
  z.string(),
);

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
});

export type LoadInput = z.output<typeof loadSchema>;
