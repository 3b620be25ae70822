import { lookbacksMs, parsePrometheusMs, scaleDuration, scaleExpr } from './promql-durations.ts';
import type { Rule, RuleGroup } from './rule-file.ts';

/**
 * The same rules in a time that passes `factor` times as fast: ranges, offsets, `for` and intervals are divided by it.
 * Ratios and rates a second stay what they are, so that a rule that compares these decides the same in seconds that it
 * decides in hours.
 */
export function scaleRules(groups: readonly RuleGroup[], factor: number): RuleGroup[] {
  if (factor === 1) return [...groups];
  const scaled = (key: string, text: string | undefined) =>
    text === undefined ? {} : { [key]: scaleDuration(text, factor) };
  return groups.map((group) => ({
    ...group,
    ...scaled('interval', group.interval),
    rules: group.rules.map((rule) => ({
      ...rule,
      expr: scaleExpr(rule.expr, factor),
      ...scaled('for', rule.for),
      ...scaled('keep_firing_for', rule.keep_firing_for),
    })),
  }));
}

/** How far back an alert looks, at most: its own ranges and waits, and the ranges of the recorded series that it reads. */
export function lookbackOf(alert: string, groups: readonly RuleGroup[]): number {
  const rules = groups.flatMap((group) => group.rules);
  const recorded = rules.filter(({ record }) => record !== undefined);
  const reach = (rule: Rule, seen: readonly Rule[]): number => {
    const sources = recorded.filter((other) => !seen.includes(other) && mentions(rule.expr, other.record ?? ''));
    const below = sources.map((other) => reach(other, [...seen, other]));
    return Math.max(0, ...lookbacksMs(rule.expr)) + Math.max(0, ...below);
  };
  const own = rules.filter((rule) => rule.alert === alert);
  const waitMs = (text: string | undefined) => (text === undefined ? 0 : (parsePrometheusMs(text) ?? 0));
  return Math.max(0, ...own.map((rule) => reach(rule, [rule]) + waitMs(rule.for) + waitMs(rule.keep_firing_for)));
}

function mentions(expr: string, metric: string): boolean {
  return expr.split(/[^\w:]+/).includes(metric);
}
