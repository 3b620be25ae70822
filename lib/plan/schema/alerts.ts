import { z } from 'zod';
import type { RuleGroup } from '../../alerts/rule-file.ts';
import { nameSchema, positiveDurationMsSchema } from './quantities.ts';

const labelsSchema = z.record(z.string().min(1), z.string());

/** Metrics from which burn-rate rules are made; the defaults are those of the reference system. */
export const burnMetricsSchema = z.strictObject({
  /** A counter of requests, and its label that tells how each ended. */
  requests: z.string().min(1).default('requests_total'),
  codeLabel: z.string().min(1).default('code'),
  /** Codes that count as bad, a regular expression: by default what a server is to blame for, over gRPC and over HTTP. */
  badCodes: z
    .string()
    .min(1)
    .refine(isRegularExpression, 'must be a regular expression')
    .default('UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS|5..'),
  /** A histogram of the requests' durations, in seconds; each latency limit needs a bucket of its own. */
  duration: z.string().min(1).default('request_duration_seconds'),
  operationLabel: z.string().min(1).default('operation'),
  protocolLabel: z.string().min(1).default('protocol'),
});

/** A Prometheus that runs already, with rules of its own. */
const runningPrometheusSchema = z.strictObject({
  url: z.string().min(1),
  /** The alerts that are watched; default: those of `expect`. */
  alerts: z.array(z.string().min(1)).min(1).optional(),
  /** Only alerts with these labels are looked at. */
  labels: labelsSchema.default({}),
});

/** A Prometheus that the harness starts for the run. */
const ownPrometheusSchema = z.strictObject({
  /** Rule files, from the experiment's folder. */
  rules: z.array(z.string().min(1)).default([]),
  /** Adds burn-rate rules, made from the error and latency budgets of the steady phase. */
  rulesFromBudgets: burnMetricsSchema.optional(),
  /** Services whose metrics are scraped, with labels that the rules ask for; default: all that have `metrics`. */
  scrape: z
    .array(z.union([nameSchema, z.strictObject({ service: nameSchema, labels: labelsSchema.default({}) })]))
    .min(1)
    .optional(),
  scrapeInterval: positiveDurationMsSchema.default(500),
  evaluationInterval: positiveDurationMsSchema.default(500),
  /** How many times faster the rules' windows pass: with 150, "1h" is 24 s. */
  timeScale: z.number().min(1).max(100_000).default(1),
});

/** "`alert` fires within `within` after the fault is in force, and resolves within `resolves` after it is gone". */
const expectedAlertSchema = z.strictObject({
  alert: z.string().min(1),
  /** Only instances of the alert with these labels. */
  labels: labelsSchema.default({}),
  during: nameSchema.meta({ description: 'the name of the fault or of the phase that it must tell of' }),
  within: positiveDurationMsSchema,
  /** Not given: it may stay until the run ends. */
  resolves: positiveDurationMsSchema.optional(),
  /** Silence is held against it only where clients saw a steady budget broken so many times over. */
  burn: z.number().min(1).max(1_000).default(14.4),
});

/** Alerts that must fire, and those that must not (ALR-1). */
export const alertsSchema = z
  .strictObject({
    prometheus: z.union([runningPrometheusSchema, ownPrometheusSchema], {
      error: 'must be { url } of one that runs, or { rules } for one that the harness starts',
    }),
    expect: z.array(expectedAlertSchema).default([]),
    /** Whether any of these alerts may fire while there is neither a fault nor an expected alert. */
    quiet: z.enum(['elsewhere', 'off']).default('elsewhere'),
  })
  .refine(({ expect, quiet }) => expect.length > 0 || quiet !== 'off', {
    path: ['quiet'],
    error: 'must not be "off" where no alert is expected: nothing could fail',
  });

export type AlertsInput = z.output<typeof alertsSchema>;
export type BurnMetrics = z.output<typeof burnMetricsSchema>;
export type ExpectedAlert = z.output<typeof expectedAlertSchema>;

/** A service's metrics page as a Prometheus scrapes it. */
export interface ScrapeTarget {
  readonly service: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** An alert that is watched. */
export interface WatchedAlert {
  readonly alert: string;
  /** How far back its rules look, milliseconds; undefined: not known. */
  readonly lookbackMs?: number;
}

/** Resolved: rules are read, checked, and as fast as the run needs them. */
export interface AlertsPlan {
  readonly prometheus:
    | { readonly url: string; readonly labels: Readonly<Record<string, string>> }
    | {
        readonly groups: readonly RuleGroup[];
        readonly scrape: readonly ScrapeTarget[];
        readonly scrapeIntervalMs: number;
        readonly evaluationIntervalMs: number;
        readonly timeScale: number;
      };
  readonly watched: readonly WatchedAlert[];
  readonly expect: readonly ExpectedAlert[];
  readonly quiet: boolean;
}

function isRegularExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
