import { z } from 'zod';
import { environmentSchema } from './verdict.ts';

/** `sweep.json`: everything that the report of a fault sweep shows. Times are milliseconds. */

/** What a cell says about the system. Not measured is never taken for any of the others. */
export const sweepAnswerSchema = z.enum([
  'holds',
  'breaks',
  'no-effect',
  'inconclusive',
  'steady-broken',
  'not-measured',
]);

/** A budget that failed while a fault was in force. */
export const brokenBudgetSchema = z.strictObject({
  title: z.string(),
  limit: z.string(),
  measured: z.string(),
  reason: z.string(),
  /** Measured against the limit, in a few words: "p99 212 ms of 50 ms". */
  told: z.string(),
  /** Measured ÷ limit, where both are figures. */
  factor: z.number().optional(),
});

/** One kind of fault at one intensity on one edge. */
export const sweepCellSchema = z.strictObject({
  /** As people write it, "200ms"; empty for a kind that has one intensity only. */
  intensity: z.string(),
  /** 0–1: how severe it is, to set kinds side by side. */
  strength: z.number(),
  /** "latency 200ms". */
  label: z.string(),
  answer: sweepAnswerSchema,
  /** One sentence: why this answer, or why it was not measured. */
  reason: z.string(),
  /** Budgets that failed; the first is the one that is furthest over its limit. */
  broken: z.array(brokenBudgetSchema),
  /** The largest of their factors. */
  severity: z.number().optional(),
  /** 1-based, in the order of time; absent where it was not measured. */
  index: z.number().int().optional(),
  /** How often it was tried. */
  tries: z.number().int(),
  /** The run folder of its last try, relative to this file. */
  folder: z.string().optional(),
});

/** A kind of fault on an edge, from mild to severe. */
export const sweepRowSchema = z.strictObject({
  kind: z.string(),
  /** What the intensity is. */
  intensity: z.string(),
  /** The edge, or the service behind it. */
  target: z.string(),
  /** `open`: neither the mildest that breaks nor that nothing does is known. */
  answer: z.enum(['breaks', 'holds', 'no-effect', 'open']),
  /** True when the mildest that breaks is known: the next milder one does not break, or there is none. */
  settled: z.boolean(),
  /** Index in `cells` of the mildest that was seen to break. */
  mildest: z.number().int().optional(),
  /** The answer in one sentence. */
  summary: z.string(),
  /** Mild to severe. */
  cells: z.array(sweepCellSchema),
});

export const sweepEdgeSchema = z.strictObject({
  edge: z.string(),
  from: z.string(),
  to: z.string(),
  protocol: z.string(),
  answer: z.enum(['breaks', 'holds', 'unknown']),
  /** The answer in one sentence: "mildest fault that breaks a budget: latency 200ms (…)". */
  headline: z.string(),
  /** Of all kinds, the mildest that was seen to break: indices in `rows` and in its `cells`. */
  mildest: z.strictObject({ row: z.number().int(), cell: z.number().int() }).optional(),
  rows: z.array(sweepRowSchema),
  /** Kinds that were not tried. */
  leftOut: z.array(z.strictObject({ kind: z.string(), why: z.string() })),
});

export const sweepReportSchema = z.strictObject({
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
  /** `pass`: every edge has an answer. A sweep judges no system: what breaks is what was asked for. */
  outcome: z.enum(['pass', 'inconclusive']),
  /** The answers in one sentence. */
  summary: z.string(),
  /** What ended it. */
  ending: z.enum(['complete', 'time-limit', 'steady-broken', 'failed', 'aborted']),
  /** Why, where there is more to say: the budget of the steady phase, the error. */
  endingDetail: z.string().optional(),
  timeLimitMs: z.number(),
  /** How long each fault was in force, and how long a cell's load ran. */
  faultMs: z.number(),
  loadMs: z.number(),
  /** The rate of the load, a second. */
  perSecond: z.number(),
  /** What had to hold. */
  budgets: z.array(z.string()),
  /** The experiment's budgets that were not judged, and why. */
  leftOutBudgets: z.array(z.strictObject({ title: z.string(), why: z.string() })),
  edges: z.array(sweepEdgeSchema),
  notes: z.array(z.string()),
  environment: environmentSchema,
});

export type SweepAnswer = z.output<typeof sweepAnswerSchema>;
export type BrokenBudget = z.output<typeof brokenBudgetSchema>;
export type SweepCell = z.output<typeof sweepCellSchema>;
export type SweepRow = z.output<typeof sweepRowSchema>;
export type SweepEdge = z.output<typeof sweepEdgeSchema>;
export type SweepReport = z.output<typeof sweepReportSchema>;
