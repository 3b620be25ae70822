import type { BurnMetrics } from '../plan/schema/alerts.ts';
import type { Budget, ErrorsBudget, LatencyBudget } from '../plan/schema/budgets.ts';
import { formatDuration, formatRatio } from '../units.ts';

/** What a service promises about its requests, in the words of its own metrics. */
export interface Slo {
  /** Value of the `slo` label: "errors", "latency-quote-50ms". */
  readonly id: string;
  /** For people: "errors of quote ≤ 0.1%". */
  readonly title: string;
  /** Name of its alerts: "QuoteLatencyBudgetBurn". */
  readonly alert: string;
  /** Share of bad events that is allowed, 0–1. */
  readonly allowed: number;
  readonly budget: ErrorsBudget | LatencyBudget;
  /** The share of bad events over a window (a Prometheus duration). */
  readonly badRatio: (window: string) => string;
}

/** One for each error and latency budget of the phase. */
export function slosOf(budgets: readonly Budget[], phase: string, metrics: BurnMetrics): Slo[] {
  const slos = budgets.flatMap((budget): Slo[] => {
    if (budget.kind === 'errors') return budget.phase === phase ? [errorsSlo(budget, metrics)] : [];
    if (budget.kind === 'latency') return budget.phase === phase ? [latencySlo(budget, metrics)] : [];
    return [];
  });
  // Of two budgets on the same thing the stricter one tells first.
  return [...Map.groupBy(slos, ({ id }) => id).values()].map((same) =>
    same.reduce((strictest, slo) => (slo.allowed < strictest.allowed ? slo : strictest)),
  );
}

function errorsSlo(budget: ErrorsBudget, metrics: BurnMetrics): Slo {
  const { requests, codeLabel, badCodes } = metrics;
  const scope = scopeMatchers(budget, metrics);
  const bad = [...scope, `${codeLabel}=~${JSON.stringify(badCodes)}`];
  return {
    id: dashed('errors', scopeOf(budget), budget.protocol),
    title: `errors${ofScope(budget)} ≤ ${formatRatio(budget.atMost)}`,
    alert: `${pascal(scopeOf(budget), budget.protocol)}ErrorBudgetBurn`,
    allowed: budget.atMost,
    budget,
    badRatio: (window) =>
      `sum(rate(${requests}${braced(bad)}[${window}]))\n/\nsum(rate(${requests}${braced(scope)}[${window}]))`,
  };
}

function latencySlo(budget: LatencyBudget, metrics: BurnMetrics): Slo {
  const { duration } = metrics;
  const scope = scopeMatchers(budget, metrics);
  const under = formatDuration(budget.under);
  const good = [...scope, bucketMatcher(budget.under)];
  return {
    id: dashed('latency', scopeOf(budget), budget.protocol, under.replaceAll('.', '-')),
    title: `${formatRatio(budget.atLeast)}${ofScope(budget)} under ${under}`,
    alert: `${pascal(scopeOf(budget), budget.protocol)}LatencyBudgetBurn`,
    // As decimal text: 1 − 0.99 is 0.010000000000000009.
    allowed: Number((1 - budget.atLeast).toPrecision(12)),
    budget,
    badRatio: (window) =>
      `1 - sum(rate(${duration}_bucket${braced(good)}[${window}]))\n/\nsum(rate(${duration}_count${braced(scope)}[${window}]))`,
  };
}

/** A bucket's label, as services write it. */
export function bucketOf(underMs: number): string {
  return String(underMs / 1_000);
}

/** Whole seconds are "1" up to Prometheus 2, and "1.0" from 3 on. */
function bucketMatcher(underMs: number): string {
  const bucket = bucketOf(underMs);
  return bucket.includes('.') ? `le="${bucket}"` : `le=~"${bucket}|${bucket}[.]0"`;
}

function scopeMatchers(
  { operation, protocol }: Pick<ErrorsBudget, 'operation' | 'protocol'>,
  { operationLabel, protocolLabel }: BurnMetrics,
): string[] {
  return [
    ...(operation === '*' ? [] : [`${operationLabel}=${JSON.stringify(operation)}`]),
    ...(protocol === undefined ? [] : [`${protocolLabel}=${JSON.stringify(protocol)}`]),
  ];
}

function scopeOf({ operation }: Pick<ErrorsBudget, 'operation'>): string | undefined {
  return operation === '*' ? undefined : operation;
}

function ofScope({ operation, protocol }: Pick<ErrorsBudget, 'operation' | 'protocol'>): string {
  const name = operation === '*' ? '' : ` of ${operation}`;
  return protocol === undefined ? name : `${name} over ${protocol}`;
}

function braced(matchers: readonly string[]): string {
  return matchers.length === 0 ? '' : `{${matchers.join(',')}}`;
}

function dashed(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('-');
}

function pascal(...parts: readonly (string | undefined)[]): string {
  const words = parts.flatMap((part) => part?.split(/[^a-zA-Z0-9]+/) ?? []).filter((word) => word !== '');
  return words.map((word) => `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`).join('');
}
