import { z } from 'zod';
import { nameSchema, positiveDurationMsSchema, durationMsSchema } from './quantities.ts';
import { drillRequestSchema } from './requests.ts';
import { commandCallSchema, httpCallSchema } from './system.ts';

const pointerSchema = z.string().startsWith('/', 'must be a JSON pointer such as "/entry/id"');
const scalarSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** How the id of a row in the final state follows from the write that made it. */
export const identitySchema = z.union(
  [
    /** The row carries the key that the client sent. */
    z.literal('key'),
    /** The row carries the id that the acknowledgement gave, and that the scenario has recorded. */
    z.literal('id'),
    /** The id is made of the key: lower-case hex of the first `bytes` of SHA-256(prefix + key). */
    z.strictObject({
      hash: z.literal('sha256'),
      prefix: z.string().default(''),
      bytes: z.number().int().min(8).max(32).default(32),
    }),
  ],
  { error: 'must be "key", "id" or { hash: "sha256", prefix?, bytes? }' },
);

/** Reads the rows, or one page of them: an HTTP or gRPC request, or a command that prints them. */
const readSchema = z.union([...drillRequestSchema.options, commandCallSchema], {
  error: 'must be { http: { url, … } }, { grpc: { address, method, … } } or { command: [...] }',
});

const finalSchema = z.strictObject({
  /**
   * Answers a JSON array, JSON lines, or messages. `{{after}}` and `{{limit}}` ask for a page, `{{account}}` for the rows of
   * one account (then it is asked once for each that the load has written to).
   */
  read: readSchema,
  /** Where in the answer, or in each of its messages, the list of rows is; default: each value of the answer is a row. */
  rows: pointerSchema.optional(),
  /** Pages are asked for until one has fewer rows than `limit`. */
  paging: z
    .strictObject({
      /** The field of a page's last row that the next page starts after. */
      after: pointerSchema,
      /** What the first page starts after. */
      from: z.string().default('0'),
      limit: z.number().int().min(1).max(100_000).default(1_000),
    })
    .optional(),
  /** Where these stand in a row. */
  fields: z.strictObject({
    /** By which it is found, see `writes`. */
    id: pointerSchema,
    /** Whose it is. Rows of accounts that the load has not written to are nobody's fault. */
    account: pointerSchema.optional(),
    /** What was written, compared as text with what the scenario has recorded. */
    value: pointerSchema.optional(),
    /** A number that rises in the order in which writes took effect, within an account at least. */
    order: pointerSchema.optional(),
    /** Order is compared only among rows that are the same here: which of two stores took the write, for example. */
    source: pointerSchema.optional(),
  }),
  /** Kinds of writes that belong here; default: all. */
  kinds: z.array(z.string().min(1)).min(1).optional(),
  /**
   * What was there before the load: it is read then (`read`), there is nothing since the store is new in each run (`empty`), or
   * nobody knows (`unknown`: then a row is unexpected only when its id has the run's own id in it).
   */
  initial: z.enum(['read', 'empty', 'unknown']).default('read'),
});

/** How many of each may be; none by default. */
const limitsSchema = z.strictObject({
  lost: z.number().int().min(0).default(0),
  unexpected: z.number().int().min(0).default(0),
  duplicated: z.number().int().min(0).default(0),
  corrupt: z.number().int().min(0).default(0),
  reordered: z.number().int().min(0).default(0),
  stale: z.number().int().min(0).default(0),
});

const settleValue = { pointer: pointerSchema, equals: scalarSchema.default(0) };

/** Every write that the load attempts, against what is there at the end: lost, unexpected, duplicated, stale, reordered (RBK-1). */
export const historySchema = z.strictObject({
  /** Kinds of writes, as the scenario records them, and how their rows are found; default: every kind, by its key. */
  writes: z.record(z.string().min(1), z.strictObject({ identity: identitySchema.default('key') })).default({}),
  /** The final state, read in one or more places after the load, while the system is up; each is judged by itself. */
  finals: z
    .record(nameSchema, finalSchema)
    .refine((finals) => Object.keys(finals).length > 0, 'must name at least one read of the final state'),
  /** What must read so before the final state is read: nothing is on its way any more. */
  settle: z
    .array(
      z.union(
        [
          z.strictObject({ ...httpCallSchema.shape, ...settleValue }),
          z.strictObject({ ...commandCallSchema.shape, ...settleValue }),
        ],
        { error: 'must be an HTTP call or a command, with a `pointer` and what it `equals` (0)' },
      ),
    )
    .default([]),
  /** How long all of `settle` may take. */
  settleWithin: positiveDurationMsSchema.prefault('30s'),
  /** How long one final state may take to be read. */
  readWithin: positiveDurationMsSchema.prefault('60s'),
  /** Reads that the scenario has recorded must show what was acknowledged before they began. */
  reads: z
    .strictObject({
      /** So long after its acknowledgement a write may not be seen yet. */
      within: durationMsSchema.prefault('0s'),
      /** With fewer, nothing is said. */
      minReads: z.number().int().min(1).default(100),
    })
    .optional(),
  /** With fewer acknowledged writes, nothing is said. */
  minAcknowledged: z.number().int().min(1).default(100),
  limits: limitsSchema.prefault({}),
});

export type HistoryPlan = z.output<typeof historySchema>;
export type FinalPlan = z.output<typeof finalSchema>;
export type FinalRead = z.output<typeof readSchema>;
export type SettleHook = HistoryPlan['settle'][number];
export type Identity = z.output<typeof identitySchema>;
