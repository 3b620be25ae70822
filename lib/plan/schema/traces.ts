import { z } from 'zod';
import { nameSchema, positiveDurationMsSchema, ratioSchema } from './quantities.ts';
import { drillRequestSchema } from './requests.ts';

/** A port of the loopback interface; default: a free one. */
const portSchema = z.number().int().min(1).max(65_535);

/** Which services a successful request's trace must reach. */
const expectedSchema = z.strictObject({
  /** The load's operation; "*": every one. */
  operation: z.string().min(1),
  protocol: z.enum(['http', 'grpc']).optional(),
  /** By the `service.name` of their spans. */
  services: z.array(z.string().min(1)).min(1),
  /** Phases in which requests must reach them, whatever a fallback may do; default: the steady one. */
  phases: z.array(nameSchema).min(1).optional(),
});

const logsSchema = z.strictObject({
  /** Services that the harness starts: each one's output is JSON lines. The name in its spans is the same. */
  services: z.array(nameSchema).min(1),
  /** The field with the trace's id. */
  traceId: z.string().min(1).default('trace_id'),
  /** Fields that each line about a failed request must have, in all services. */
  fields: z.array(z.string().min(1)).default([]),
  /** Share of the failed requests that must have left such a line in each service in which they failed. */
  atLeast: ratioSchema.default(0.99),
  /** Fewer that failed in a service: inconclusive. */
  minRequests: z.number().int().min(1).default(100),
  /** Requests that fail, in as many of the services as can be; the harness sends them in the steady phase, `copies` of each. */
  failing: z.array(drillRequestSchema).max(20).default([]),
  copies: z.number().int().min(1).max(1_000).default(60),
});

/**
 * One connected trace for each request (TRC-1), and one story in the logs (LOG-1). Services export their spans over OTLP to
 * `{{otlp.http}}` or `{{otlp.grpc}}`, which the harness receives.
 */
export const tracesSchema = z.strictObject({
  /** Share of the load's requests that are sampled: their traceparent says so, and their traces are looked at. */
  sample: ratioSchema.default(0.1).refine((share) => share > 0, 'must be more than 0%'),
  /** Share of them whose spans must be one tree below the client's. */
  atLeast: ratioSchema.default(0.999),
  /** Fewer sampled requests than this: inconclusive. */
  minRequests: z.number().int().min(1).default(500),
  /** So many sampled requests must have had a retry, or must have failed or been refused: their traces are then judged by themselves, too. */
  minRetried: z.number().int().min(0).default(0),
  minFailed: z.number().int().min(0).default(0),
  expect: z.array(expectedSchema).max(100).default([]),
  /** Requests that succeed; the harness sends them with malformed traceparents, each of which must start a new trace. */
  malformed: z.array(drillRequestSchema).max(20).default([]),
  logs: logsSchema.optional(),
  /** How long is waited for late spans after the load, at most. */
  settle: positiveDurationMsSchema.default(10_000),
  /** Ports to listen on, for services that run already and cannot be told a new one. */
  listen: z.strictObject({ http: portSchema.optional(), grpc: portSchema.optional() }).prefault({}),
  /** OTLP/HTTP base URL of a collector that gets everything, too. */
  forwardTo: z.url({ protocol: /^https?$/, error: 'must be a base URL such as "http://127.0.0.1:4318"' }).optional(),
});

export type TracesPlan = z.output<typeof tracesSchema>;
export type ExpectedTrace = TracesPlan['expect'][number];
