import { z } from 'zod';
import { environmentSchema, outcomeSchema } from './verdict.ts';

/** `capacity.json`: everything that the report of a capacity search shows. Rates are arrivals a second. */

export const probeSchema = z.strictObject({
  /** 1-based, in the order of time. */
  index: z.number().int(),
  /** Why this rate was tried. */
  purpose: z.enum(['first', 'climb', 'repeat', 'narrow', 'confirm']),
  perSecond: z.number(),
  outcome: outcomeSchema,
  /** One sentence: why this outcome. */
  reason: z.string(),
  /** Titles of the budgets that failed. */
  broken: z.array(z.string()),
  /** True when the load generator, not the system, was at its end. */
  generatorLimited: z.boolean(),
  /** Successful iterations a second in the judged part. */
  achievedPerSecond: z.number().optional(),
  /** Average number of requests in the system (Little's law). */
  concurrency: z.number().optional(),
  p50Ms: z.number().optional(),
  p99Ms: z.number().optional(),
  failedRatio: z.number().optional(),
  /** By source: average cores in the judged part. */
  cpuCores: z.record(z.string(), z.number()),
  /** By service: largest resident memory in the judged part. */
  rssBytes: z.record(z.string(), z.number()),
  /** The probe's run folder, relative to this file. */
  folder: z.string(),
});

export const uslSchema = z.discriminatedUnion('fitted', [
  z.strictObject({
    fitted: z.literal(true),
    /** Throughput of one request at a time. */
    lambda: z.number(),
    /** Contention and coherency. */
    sigma: z.number(),
    kappa: z.number(),
    /** Concurrency at which throughput is highest, and that throughput; absent where the model has no peak. */
    peakConcurrency: z.number().optional(),
    peakPerSecond: z.number().optional(),
    rSquared: z.number(),
    levels: z.number().int(),
  }),
  z.strictObject({ fitted: z.literal(false), reason: z.string() }),
]);

export const capacityReportSchema = z.strictObject({
  version: z.literal(1),
  cutover: z.string(),
  experiment: z.strictObject({ name: z.string(), description: z.string() }),
  run: z.strictObject({
    id: z.string(),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime(),
    seed: z.number().int(),
    planSha256: z.string(),
  }),
  outcome: outcomeSchema,
  /** The answer in one sentence. */
  summary: z.string(),
  /** What ended the search. */
  ending: z.enum(['found', 'no-bound', 'generator-limited', 'nothing-held', 'unstable', 'out-of-probes', 'aborted']),
  lastPassPerSecond: z.number().optional(),
  firstFailPerSecond: z.number().optional(),
  precision: z.number(),
  /** The budget that broke first, and the resource that was nearest to its end there. */
  limitingBudget: z.string().optional(),
  saturatedResource: z.string().optional(),
  forecastPerSecond: z.number().optional(),
  /** What share of the forecast must be held. */
  headroomWanted: z.number(),
  /** last pass ÷ forecast. */
  headroom: z.number().optional(),
  probes: z.array(probeSchema),
  usl: uslSchema,
  notes: z.array(z.string()),
  environment: environmentSchema,
});

export type Probe = z.output<typeof probeSchema>;
export type Usl = z.output<typeof uslSchema>;
export type CapacityReport = z.output<typeof capacityReportSchema>;
