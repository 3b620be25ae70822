import { z } from 'zod';
import { trafficByCapabilitySchema } from './load.ts';
import { durationMsSchema, factorSchema, nameSchema, positiveDurationMsSchema, ratioSchema } from './quantities.ts';
import { common } from './drills/common.ts';
import { drillRequestSchema } from './requests.ts';
import { readySchema } from './system.ts';
import { rollbackDrillSchema } from './drills/rollback.ts';
import { killSwitchDrillSchema } from './drills/kill-switch.ts';
import { blueGreenDrillSchema } from './drills/blue-green.ts';
import { canaryDrillSchema } from './drills/canary.ts';
import { restoreDrillSchema } from './drills/restore.ts';
import { gracefulStopDrillSchema } from './drills/graceful-stop.ts';
import { migrationDrillSchema } from './drills/migration.ts';
import { parityDrillSchema } from './drills/parity.ts';
import { shadowDrillSchema } from './drills/shadow.ts';
import { contractDrillSchema } from './drills/contract.ts';
import { boundaryDrillSchema } from './drills/boundary.ts';
import { collectorDrillSchema } from './drills/collector.ts';

const edge = {
  edge: nameSchema,
  /** Which calls on the edge it is about, "POST /v1/quotes" or "/package.Service/Method"; default: all. */
  calls: z.array(z.string().min(1)).min(1).optional(),
};

/** An edge whose calls the load makes, by requests of one operation. */
const loaded = z.strictObject({
  ...edge,
  /** The load's operation whose requests need the edge. */
  operation: z.string().min(1),
  protocol: z.enum(['http', 'grpc']).optional(),
});

/** A caller's circuit breaker, by what it is declared to do. */
export const circuitBreakerDrillSchema = z.strictObject({
  kind: z.literal('circuit-breaker'),
  ...common,
  on: z.array(loaded).min(1),
  /** Consecutive failures that open it. */
  threshold: z.number().int().min(1).max(1_000),
  /** How long it stays open before it lets a probe through. */
  openTime: positiveDurationMsSchema,
  /** Calls let through at once while half-open. */
  halfOpen: z.number().int().min(1).default(1),
  /** When the caller gives up on one call. */
  callTimeout: positiveDurationMsSchema,
  /** What clients get while it is open: an answer all the same, or a typed refusal (429, RESOURCE_EXHAUSTED, 503, UNAVAILABLE). */
  whileOpen: z.enum(['fallback', 'rejected']).default('rejected'),
  /** While open, 99 % of the operation's requests end in under this. */
  failFast: positiveDurationMsSchema.default(10),
  /** The other operations' p99 while the callee is slow: at most so much of what it is without, and `slack` on top. */
  others: z
    .strictObject({
      operations: z.array(z.string().min(1)).min(1).optional(),
      quantile: ratioSchema.default(0.99),
      atMost: factorSchema.default(1.1),
      slack: durationMsSchema.default(0),
    })
    .prefault({}),
});

/** A caller's deadline, with a callee that does not answer a share of its calls. */
export const timeoutDrillSchema = z.strictObject({
  kind: z.literal('timeout'),
  ...common,
  on: z.array(loaded).min(1),
  /** The longest that a request may take, and may let its calls take. */
  deadline: positiveDurationMsSchema,
  slack: durationMsSchema.default(50),
  /** Share of the calls that hang; so few that a circuit breaker stays closed. */
  share: ratioSchema.default(0.1),
  for: positiveDurationMsSchema.default(10_000),
});

/** Retries in an outage, and after it. */
export const retryDrillSchema = z.strictObject({
  kind: z.literal('retry'),
  ...common,
  on: z.array(loaded).min(1),
  /** Calls on the edge ÷ requests, at most, in a total outage; of what it is without. */
  budget: factorSchema.default(1.1),
  outage: positiveDurationMsSchema.default(5_000),
  /** How long arrivals are watched after it. */
  heal: positiveDurationMsSchema.default(8_000),
  /** Peak ÷ mean of the calls' arrivals after it, in 100 ms bins. */
  peak: factorSchema.default(2),
});

/** Clients that go away: is the work that was done for them given up? */
export const cancellationDrillSchema = z.strictObject({
  kind: z.literal('cancellation'),
  ...common,
  on: z.array(z.strictObject({ ...edge, request: drillRequestSchema })).min(1),
  copies: z.number().int().min(1).max(200).default(10),
  cancelAfter: positiveDurationMsSchema.default(200),
  within: positiveDurationMsSchema.default(1_000),
});

/** One effect and one answer for each idempotency key, whatever happens. */
export const idempotencyDrillSchema = z.strictObject({
  kind: z.literal('idempotency'),
  ...common,
  on: z
    .array(
      z.strictObject({
        ...edge,
        write: drillRequestSchema,
        /** Fields of the answer that may differ between repeats. */
        ignore: z.array(z.string().min(1)).default([]),
        /** Lists what was written for `{{account}}`: one item an effect. */
        effects: drillRequestSchema,
      }),
    )
    .min(1),
  copies: z.number().int().min(2).max(200).default(20),
  /** Services that are restarted between a write and its repeat. */
  restart: z.array(nameSchema).default([]),
  /** Traffic that is set one after the other between a write and its repeats: the versions that keys must hold across. */
  versions: z.array(trafficByCapabilitySchema).max(10).default([]),
});

/** Readiness and liveness of a service that loses what it cannot work without. */
export const readinessDrillSchema = z.strictObject({
  kind: z.literal('readiness'),
  ...common,
  on: z
    .array(
      z.strictObject({
        ...edge,
        /** The caller, whose probes these are. */
        service: nameSchema,
        ready: readySchema,
        live: readySchema,
      }),
    )
    .min(1),
  /** How often the service looks at its dependency, and how many failures make it unready. */
  period: positiveDurationMsSchema,
  threshold: z.number().int().min(1),
  slack: durationMsSchema.default(1_000),
});

export const drillSchema = z.discriminatedUnion('kind', [
  circuitBreakerDrillSchema,
  timeoutDrillSchema,
  cancellationDrillSchema,
  retryDrillSchema,
  idempotencyDrillSchema,
  readinessDrillSchema,
  rollbackDrillSchema,
  killSwitchDrillSchema,
  blueGreenDrillSchema,
  canaryDrillSchema,
  restoreDrillSchema,
  gracefulStopDrillSchema,
  migrationDrillSchema,
  parityDrillSchema,
  shadowDrillSchema,
  contractDrillSchema,
  boundaryDrillSchema,
  collectorDrillSchema,
]);

export type DrillInput = z.output<typeof drillSchema>;
export type DrillOf<K extends DrillInput['kind']> = Extract<DrillInput, { readonly kind: K }>;

/** Drills on edges: what arrives there is what they are judged by. The others are about a release. */
export type EdgeDrillInput = Extract<DrillInput, { readonly on: unknown }>;
