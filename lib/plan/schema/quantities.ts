import { z } from 'zod';
import * as units from '../../units.ts';

/** A name that appears in file names, labels, URLs and on the command line. */
export const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and dashes, at most 63')
  .meta({ description: 'lower-case letters, digits and dashes, at most 63' });

/**
 * A string with a unit that becomes a number. The pattern is checked first (and goes into the JSON Schema), so that a
 * typo is reported as one issue with an example.
 */
function quantity(pattern: RegExp, parse: (text: string) => number | undefined, what: string) {
  return z
    .string({ error: `must be ${what}` })
    .regex(pattern, `must be ${what}`)
    .meta({ description: what })
    .transform((text) => parse(text) ?? Number.NaN);
}

export const durationMsSchema = quantity(
  units.DURATION_PATTERN,
  units.parseDurationMs,
  'a duration such as "250ms", "30s" or "1m30s"',
);
export const sizeBytesSchema = quantity(units.SIZE_PATTERN, units.parseSizeBytes, 'a size such as "64MiB" or "1.5GiB"');
export const ratePerSecondSchema = quantity(
  units.RATE_PATTERN,
  units.parseRatePerSecond,
  'a rate such as "200/s" or "6000/m"',
);
export const ratioSchema = quantity(units.PERCENT_PATTERN, units.parseRatio, 'a percentage such as "99.9%"');
export const coresSchema = quantity(units.CORES_PATTERN, units.parseCores, 'a number of cores such as "0.5 cores"');

export const positiveDurationMsSchema = durationMsSchema.refine((ms) => ms > 0, 'must be longer than 0');

/** A percentage that may be over 100 %, as a factor: "150%" → 1.5. */
export const factorSchema = quantity(units.FACTOR_PATTERN, units.parseFactor, 'a percentage such as "110%"');

/** How fast memory may grow: of its size, "1%/h", or in bytes, "2MiB/m". */
export const growthSchema = z
  .string({ error: 'must be a growth such as "1%/h" or "2MiB/m"' })
  .regex(units.GROWTH_PATTERN, 'must be a growth such as "1%/h" or "2MiB/m"')
  .meta({ description: 'a growth such as "1%/h" or "2MiB/m"' })
  .transform((text): units.Growth => units.parseGrowth(text) ?? { ratioPerHour: Number.NaN });
