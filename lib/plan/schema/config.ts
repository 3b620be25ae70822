import { z } from 'zod';
import { experimentSchema } from './experiment.ts';
import { envSchema } from './load.ts';
import { systemSchema } from './system.ts';

/** Values that every experiment takes unless it sets its own. */
const defaultsSchema = z.strictObject({
  seed: experimentSchema.shape.seed.unwrap().optional(),
  load: z
    .strictObject({
      scenario: z.string().min(1).optional(),
      env: envSchema.optional(),
      maxVUs: z.number().int().min(1).max(50_000).optional(),
    })
    .optional(),
});

export const configSchema = z.strictObject({
  /** For editors. */
  $schema: z.string().optional(),
  version: z.literal(1, { error: 'must be 1' }),
  system: systemSchema,
  defaults: defaultsSchema.default({}),
  /** Files (globs, relative to the config file) or experiments written here. */
  experiments: z.array(z.union([z.string().min(1), experimentSchema])).min(1, 'must name at least one experiment'),
  /** Where run folders go, relative to the config file. */
  output: z.string().min(1).default('reports/out'),
});

export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
