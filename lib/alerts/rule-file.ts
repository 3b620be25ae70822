import { stringify } from 'yaml';
import { z } from 'zod';

/**
 * Prometheus rule files, as far as the harness must know them: names, expressions and times. Everything else in them is
 * kept as it is.
 */
const ruleSchema = z.looseObject({
  alert: z.string().min(1).optional(),
  record: z.string().min(1).optional(),
  // YAML has `expr: 1` as a number.
  expr: z.coerce.string().min(1),
  for: z.string().optional(),
  keep_firing_for: z.string().optional(),
  labels: z.record(z.string(), z.coerce.string()).optional(),
  annotations: z.record(z.string(), z.coerce.string()).optional(),
});

const groupSchema = z.looseObject({
  name: z.string().min(1),
  interval: z.string().optional(),
  rules: z.array(ruleSchema).default([]),
});

export const ruleFileSchema = z.looseObject({ groups: z.array(groupSchema) });

export type Rule = z.output<typeof ruleSchema>;
export type RuleGroup = z.output<typeof groupSchema>;

/** Names of the alerts, each once, in their order. */
export function alertNames(groups: readonly RuleGroup[]): string[] {
  return [...new Set(groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? [])))];
}

/** As Prometheus reads it. */
export function renderRules(groups: readonly RuleGroup[], comment = ''): string {
  const head = comment === '' ? '' : `${comment.replaceAll(/^/gm, '# ')}\n`;
  return `${head}${stringify({ groups }, { lineWidth: 0 })}`;
}
