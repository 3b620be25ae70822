import { z } from 'zod';
import { nameSchema, positiveDurationMsSchema } from '../quantities.ts';
import { drillRequestSchema } from '../requests.ts';
import { hookSchema, readHookSchema } from '../system.ts';
import { common } from './common.ts';

/**
 * Where a side's rows are read, in the order in which they were stored there: an answer of JSON lines, or an array. `{{after}}` stands for
 * the last row's `position` (0 at first) and is asked for until no row comes; without it one answer holds them all.
 */
export const rowsSchema = z.strictObject({
  name: nameSchema,
  request: drillRequestSchema,
  /** JSON pointers into an answered item. */
  id: z.string().startsWith('/'),
  /** What order is kept in: an account, a customer. */
  key: z.string().startsWith('/').optional(),
  /** Which side a row was first stored on: order is kept among rows of one origin. */
  origin: z.string().startsWith('/').optional(),
  position: z.string().startsWith('/').optional(),
  /** What must be the same on both sides: hashed together. */
  fields: z.array(z.string().startsWith('/')).min(1),
});

/** Two stores that are kept in step by a stream of changes: the same rows on both, also after kill -9 in the middle (MIG-1, MIG-2). */
export const migrationDrillSchema = z.strictObject({
  kind: z.literal('migration'),
  ...common,
  source: rowsSchema,
  target: rowsSchema,
  /** `both`: rows of either side come to the other; `forward`: the target has what the source has, and may have more. */
  direction: z.enum(['both', 'forward']).default('both'),
  /** Consumers of changes that are killed while changes are under way, one after the other, and started again. */
  kill: z.array(nameSchema).default([]),
  down: positiveDurationMsSchema.default(1_000),
  /** Slows the stream down meanwhile, so that there is something under way. */
  lag: z.strictObject({ edges: z.array(nameSchema).min(1), by: positiveDurationMsSchema }).optional(),
  /** What reads `equals` once every change has arrived: a queue's length, a consumer's lag. */
  settled: z
    .array(z.strictObject({ read: readHookSchema, equals: z.union([z.number(), z.string(), z.boolean()]).default(0) }))
    .default([]),
  /** By when a row must be on both sides. */
  within: positiveDurationMsSchema.default(8_000),
  /** Sends all changes once more: done twice, and nothing may change by it. */
  replay: z.array(hookSchema).default([]),
  /** Fewer rows show nothing. */
  atLeast: z.number().int().min(1).default(100),
});

export type Rows = z.output<typeof rowsSchema>;
