import { z } from 'zod';
import {
  coresSchema,
  durationMsSchema,
  nameSchema,
  positiveDurationMsSchema,
  ratioSchema,
  sizeBytesSchema,
} from './quantities.ts';

const times = {
  /** Default: `<kind>-<edge or service>`; must be unique in the experiment. */
  name: nameSchema.optional(),
  /** When: either the whole of a load phase, or `at` (after the load's start) and `for`. */
  during: nameSchema.optional(),
  at: durationMsSchema.optional(),
  for: positiveDurationMsSchema.optional(),
  /** Again and again, `every` so long from start to start; each but the first starts up to `spread` later, by the seed. */
  repeat: z
    .strictObject({
      times: z.number().int().min(2).max(1_000),
      every: positiveDurationMsSchema,
      spread: durationMsSchema.default(0),
    })
    .optional(),
};

const onEdge = { ...times, edge: nameSchema };
const onService = { ...times, service: nameSchema };

const onStream = {
  ...onEdge,
  /** Which way the bytes go that it acts on. */
  direction: z.enum(['replies', 'requests']).default('replies'),
  /** Share of the connections that it acts on, drawn when each opens; all on gRPC, where one connection carries everything. */
  connections: ratioSchema.default(1).refine((share) => share > 0, 'must be more than 0%'),
};

const onRequests = {
  ...onEdge,
  /** "POST /v1/quotes", or over gRPC "/package.Service/Method"; a trailing * matches any end. Default: all. */
  operations: z.array(z.string().min(1)).min(1).optional(),
  /** At most one of these says which requests; none: all. */
  first: z.number().int().min(1).optional(),
  pattern: z.strictObject({ count: z.number().int().min(1), of: z.number().int().min(2) }).optional(),
  share: ratioSchema.refine((share) => share > 0, 'must be more than 0%').optional(),
};

/** A value, or a straight line over the fault's time. */
const ramped = <S extends z.ZodType>(schema: S) =>
  z.union([schema, z.strictObject({ from: schema, to: schema })], {
    error: 'must be a value, or { from, to } for one that moves',
  });

const FAILURE = 'must be an HTTP status of 400–599, or a gRPC code such as "UNAVAILABLE"';

const nonEmptyBytesSchema = sizeBytesSchema.refine((bytes) => bytes > 0, 'must be more than 0B');

export const faultSchema = z.discriminatedUnion('kind', [
  /** Every reply on the edge is late by `latency` ± `jitter`. */
  z.strictObject({
    kind: z.literal('latency'),
    ...onStream,
    latency: ramped(durationMsSchema),
    jitter: durationMsSchema.default(0),
  }),
  /** At most `rate` a second for each connection. */
  z.strictObject({ kind: z.literal('bandwidth'), ...onStream, rate: ramped(nonEmptyBytesSchema) }),
  /** Connections close late. */
  z.strictObject({ kind: z.literal('slow-close'), ...onStream, delay: positiveDurationMsSchema }),
  /** A black hole; connections are closed after `closeAfter`, 0: never. */
  z.strictObject({ kind: z.literal('timeout'), ...onStream, closeAfter: durationMsSchema.default(0) }),
  /** Connections are reset `after` they carry something. */
  z.strictObject({ kind: z.literal('reset'), ...onStream, after: durationMsSchema.default(0) }),
  /** What passes is cut into pieces, `delay` apart. */
  z.strictObject({
    kind: z.literal('slicer'),
    ...onStream,
    average: nonEmptyBytesSchema,
    variation: sizeBytesSchema.default(0),
    delay: durationMsSchema.default(0),
  }),
  /** A connection is closed once it has carried `bytes`. */
  z.strictObject({ kind: z.literal('limit-data'), ...onStream, bytes: nonEmptyBytesSchema }),
  /** Connections are cut and new ones refused. */
  z.strictObject({ kind: z.literal('down'), ...onEdge }),
  /** Down and up in turn. */
  z.strictObject({
    kind: z.literal('flapping'),
    ...onEdge,
    down: positiveDurationMsSchema,
    up: positiveDurationMsSchema,
  }),
  /** Requests are answered with a failure: an HTTP status, or the name of a gRPC code. */
  z.strictObject({
    kind: z.literal('request-fail'),
    ...onRequests,
    with: z.union(
      [
        z.number(FAILURE).int(FAILURE).min(400, FAILURE).max(599, FAILURE),
        z.string(FAILURE).regex(/^[A-Z_]+$/, FAILURE),
      ],
      { error: FAILURE },
    ),
  }),
  z.strictObject({
    kind: z.literal('request-delay'),
    ...onRequests,
    delay: positiveDurationMsSchema,
    jitter: durationMsSchema.default(0),
  }),
  /** Requests are never answered. */
  z.strictObject({ kind: z.literal('request-hang'), ...onRequests }),
  /** The callee does its work, its answer is lost. */
  z.strictObject({ kind: z.literal('request-cut'), ...onRequests }),
  /** SIGKILL; started again at the end. */
  z.strictObject({ kind: z.literal('kill'), ...onService }),
  /** SIGTERM; started again at the end. */
  z.strictObject({ kind: z.literal('terminate'), ...onService }),
  /** SIGTERM, and started again at once. */
  z.strictObject({ kind: z.literal('restart'), ...onService }),
  /** SIGSTOP; goes on at the end. */
  z.strictObject({ kind: z.literal('pause'), ...onService }),
  /** The service's processes get at most `cores` of CPU. */
  z.strictObject({
    kind: z.literal('cpu-pressure'),
    ...onService,
    cores: ramped(coresSchema.refine((cores) => cores > 0, 'must be more than 0')),
  }),
  /** The service's processes get at most `limit` of memory. */
  z.strictObject({ kind: z.literal('memory-pressure'), ...onService, limit: nonEmptyBytesSchema }),
  /** The service's data folder has room for `leave` more; it gets a file system of its own of `size`. */
  z.strictObject({
    kind: z.literal('disk-full'),
    ...onService,
    size: nonEmptyBytesSchema.default(64 * 1024 ** 2),
    leave: sizeBytesSchema.default(0),
  }),
]);

export type FaultInput = z.output<typeof faultSchema>;
