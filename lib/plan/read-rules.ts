import { existsSync, readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { type RuleGroup, ruleFileSchema } from '../alerts/rule-file.ts';
import { formatPath } from './problem.ts';

export type RulesRead = { readonly groups: readonly RuleGroup[] } | { readonly problem: string };

/** The groups of a Prometheus rule file, or what is wrong with it. Whether its expressions are sound is for promtool to say. */
export function readRules(path: string): RulesRead {
  if (!existsSync(path)) return { problem: 'no such file' };
  const document = parseDocument(readFileSync(path, 'utf8'), { prettyErrors: true, uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) return { problem: error.message.trim().replaceAll('\n', '\n  ') };
  const parsed = ruleFileSchema.safeParse(document.toJS());
  if (parsed.success) return { groups: parsed.data.groups };
  const [issue] = parsed.error.issues;
  return { problem: `is no Prometheus rule file: ${formatPath(issue?.path ?? [])}: ${issue?.message ?? ''}` };
}
