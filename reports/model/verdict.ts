import { z } from 'zod';

/**
 * `verdict.json`: everything a report shows. The renderers compute nothing that is not in here. Times are milliseconds
 * since the load's start unless the name says otherwise; durations of requests are milliseconds.
 */

export const outcomeSchema = z.enum(['pass', 'fail', 'inconclusive']);

export const checkSchema = z.strictObject({
  /** Unique and stable within an experiment, for example "latency:quote:steady". */
  id: z.string(),
  title: z.string(),
  kind: z.enum([
    'latency',
    'errors',
    'throughput',
    'cpu',
    'memory',
    'recovery',
    'latency-rise',
    'goodput',
    'rejections',
    'quota',
    'cpu-per-request',
    'memory-growth',
    'comparison',
    'drill',
    'history',
    'traces',
    'logs',
    'alerts',
    'generator',
    'fault-effect',
    'integrity',
  ]),
  /** The check's name in the catalogue, where it has one: "GEN-1". */
  catalogue: z.string().optional(),
  outcome: outcomeSchema,
  /** One sentence: why this outcome. */
  reason: z.string(),
  /** What to do about it, where that is known. */
  hint: z.string().optional(),
  operation: z.string().optional(),
  protocol: z.string().optional(),
  service: z.string().optional(),
  phase: z.string().optional(),
  drill: z.string().optional(),
  edge: z.string().optional(),
  /** The limit and what was measured, as shown in the table. */
  limit: z.string(),
  measured: z.string(),
  /** Events (requests, samples, seconds) behind the figure. */
  events: z.number().int().min(0),
  /** Figures behind the outcome, for machines: unit in the name. */
  evidence: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
});

export const quantilesSchema = z.strictObject({
  p50: z.number().optional(),
  p90: z.number().optional(),
  p95: z.number().optional(),
  p99: z.number().optional(),
  p999: z.number().optional(),
});

/** One row of the operations table: one operation in one phase, both outcomes together. */
export const operationSchema = z.strictObject({
  operation: z.string(),
  protocol: z.string(),
  phase: z.string(),
  requests: z.number().int(),
  failed: z.number().int(),
  meanMs: z.number().optional(),
  /** Milliseconds, interpolated in the histogram's buckets; absent without events. */
  quantiles: quantilesSchema,
});

/** A chart's lines share the x axis `timeline.t`; null is a gap. */
const lineSchema = z.array(z.number().nullable());

export const timelineSchema = z.strictObject({
  /** Start of each window, seconds since the load's start. */
  t: z.array(z.number()),
  load: z.strictObject({ offered: lineSchema, achieved: lineSchema, dropped: lineSchema }),
  /** By operation (protocols together), milliseconds. */
  latency: z.record(z.string(), z.strictObject({ p50: lineSchema, p95: lineSchema, p99: lineSchema })),
  /** By operation: failed requests a second. */
  errors: z.record(z.string(), lineSchema),
  /** By source: cores. */
  cpu: z.record(z.string(), lineSchema),
  /** By source: bytes. */
  memory: z.record(z.string(), lineSchema),
  /** By service, where it tells: bytes of heap in use; milliseconds of garbage collection pauses in the second. */
  heap: z.record(z.string(), lineSchema),
  gcPause: z.record(z.string(), lineSchema),
  /** 99th percentile of how late iterations started, milliseconds. */
  startLag: lineSchema,
});

/** One row of a comparison: a figure of the baseline's and the candidate's blocks. */
export const comparedSchema = z.strictObject({
  /** "quote p95", "CPU a request". */
  title: z.string(),
  unit: z.enum(['ms', 'ratio', 'per-second', 'cpu-ms', 'bytes']),
  /** The check that judges it. */
  checkId: z.string(),
  outcome: outcomeSchema,
  /** Medians of the blocks. */
  baseline: z.number().optional(),
  candidate: z.number().optional(),
  /** How the two are set against each other: their ratio, or their difference (for shares). */
  effect: z.enum(['ratio', 'difference']),
  /** candidate ÷ baseline or candidate − baseline: estimate, and the bounds that the outcome rests on. */
  estimate: z.number().optional(),
  lower: z.number().optional(),
  upper: z.number().optional(),
  /** What the effect may be at worst. */
  limit: z.number(),
  /** True where more is better (throughput): then the limit is a lower one. */
  higherIsBetter: z.boolean(),
  /** Coefficient of variation of the baseline's blocks: the noise. */
  noise: z.number().optional(),
  /** The smallest effect that these blocks can tell, given that noise. */
  detectable: z.number().optional(),
  /** Each block's figure in order of time; null: no data. */
  blocks: z.array(
    z.strictObject({ variant: z.enum(['baseline', 'candidate']), startMs: z.number(), value: z.number().nullable() }),
  ),
});

export const comparisonSchema = z.strictObject({
  phase: z.string(),
  blocksPerVariant: z.number().int(),
  blockMs: z.number(),
  settleMs: z.number(),
  /** What the two are, one line each. */
  baseline: z.string(),
  candidate: z.string(),
  /** True when both are the same: the rows then show the noise floor. */
  sameOnPurpose: z.boolean(),
  confidence: z.number(),
  rows: z.array(comparedSchema),
});

export const windowSchema = z.strictObject({
  name: z.string(),
  startMs: z.number(),
  endMs: z.number(),
  /** One line for people: "120/s", "latency 2s on orders-pricing". */
  detail: z.string(),
});

/** Something that a report shows beside checks: rows, the stages of one procedure on the clock, or one trace. */
export const detailSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('table'),
    title: z.string(),
    columns: z.array(z.string()).min(1),
    /** As shown; each row has a cell for each column. */
    rows: z.array(z.array(z.string())),
    /** Rows that were left out: they are in the run folder's file of that name. */
    more: z.strictObject({ rows: z.number().int().min(1), file: z.string() }).optional(),
  }),
  z.strictObject({
    kind: z.literal('stages'),
    title: z.string(),
    /** One after the other, from the trigger on: "detect", "decide", "shift", "drain". */
    stages: z.array(windowSchema),
    /** Where the last one had to end. */
    limitMs: z.number().optional(),
  }),
  z.strictObject({
    kind: z.literal('trace'),
    title: z.string(),
    traceId: z.string(),
    /** In the order to show them; `depth` 0 is a root. Milliseconds since the first span's start. */
    spans: z.array(
      z.strictObject({
        service: z.string(),
        name: z.string(),
        depth: z.number().int().min(0),
        startMs: z.number(),
        endMs: z.number(),
        /** "ok", or what went wrong. */
        status: z.string(),
        /** "retry 2", "orphan", … */
        note: z.string().optional(),
      }),
    ),
  }),
]);

/** A part of the report for what is checked over the whole run: writes, traces, alerts. */
export const sectionSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** What it is about, in a sentence or two. */
  note: z.string(),
  /** Ids of its checks. */
  checks: z.array(z.string()),
  details: z.array(detailSchema),
});

/** One drill, on one edge: what arrived there, step by step; or about a release. */
export const drillSchema = z.strictObject({
  name: z.string(),
  kind: z.enum([
    'circuit-breaker',
    'timeout',
    'cancellation',
    'retry',
    'idempotency',
    'readiness',
    'rollback',
    'kill-switch',
    'blue-green',
    'canary',
    'restore',
    'graceful-stop',
    'migration',
    'parity',
    'shadow',
    'contract',
    'boundary',
    'collector',
  ]),
  edge: z.string().optional(),
  protocol: z.string().optional(),
  /** The declared contract, in one line. */
  contract: z.string(),
  startMs: z.number(),
  endMs: z.number(),
  steps: z.array(windowSchema),
  /** Width of a bin of `arrivals`; the first begins at `startMs`. */
  binMs: z.number().optional(),
  /** Requests that arrived on the edge in each bin, by what became of them. */
  arrivals: z
    .strictObject({
      /** The callee's answer was passed on. */
      answered: z.array(z.number().int()),
      /** The fault answered instead, or cut it off; or the callee's side broke off. */
      failed: z.array(z.number().int()),
      /** The caller gave up. */
      canceled: z.array(z.number().int()),
    })
    .optional(),
  /** Moments that the checks rest on: "opened", "probe", "closed". */
  marks: z.array(z.strictObject({ atMs: z.number(), text: z.string() })),
  details: z.array(detailSchema).default([]),
  /** Ids of its checks. */
  checks: z.array(z.string()),
});

export const toolSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  path: z.string(),
  source: z.string(),
});

/** The machine and the tools that the figures depend on. */
export const environmentSchema = z.strictObject({
  tools: z.array(toolSchema),
  host: z.strictObject({
    cpus: z.number().int(),
    cpuModel: z.string(),
    memoryBytes: z.number(),
    platform: z.string(),
  }),
});

export const verdictSchema = z.strictObject({
  version: z.literal(1),
  cutover: z.string().meta({ description: 'version of the harness' }),
  experiment: z.strictObject({ name: z.string(), description: z.string() }),
  run: z.strictObject({
    id: z.string(),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime(),
    seed: z.number().int(),
    planSha256: z.string(),
    scenarioSha256: z.string().optional(),
  }),
  outcome: outcomeSchema,
  /** The verdict in one sentence. */
  summary: z.string(),
  /** True when the run did not reach its planned end (aborted, stopped early). */
  stoppedEarly: z.string().optional(),
  checks: z.array(checkSchema),
  phases: z.array(windowSchema),
  faults: z.array(windowSchema),
  operations: z.array(operationSchema),
  comparison: comparisonSchema.optional(),
  drills: z.array(drillSchema).default([]),
  sections: z.array(sectionSchema).default([]),
  timeline: timelineSchema,
  /** How it was measured and how exact that is; shown at the report's end. */
  notes: z.array(z.string()),
  environment: environmentSchema,
});

export type Outcome = z.output<typeof outcomeSchema>;
export type Check = z.output<typeof checkSchema>;
export type Operation = z.output<typeof operationSchema>;
export type Timeline = z.output<typeof timelineSchema>;
export type Compared = z.output<typeof comparedSchema>;
export type ComparisonResult = z.output<typeof comparisonSchema>;
export type DrillResult = z.output<typeof drillSchema>;
export type Detail = z.output<typeof detailSchema>;
export type DetailOf<K extends Detail['kind']> = Extract<Detail, { readonly kind: K }>;
export type Section = z.output<typeof sectionSchema>;
export type Window = z.output<typeof windowSchema>;
export type Verdict = z.output<typeof verdictSchema>;
