import type { BurnMetrics } from '../plan/schema/alerts.ts';
import type { Plan } from '../plan/plan.ts';
import { burnRules } from './burn-rules.ts';
import { renderRules } from './rule-file.ts';
import { renderRuleTests } from './rule-tests.ts';
import { slosOf } from './slo.ts';

/** The files that an experiment's steady budgets make, each saying where it comes from. */
export function ruleFileOf({ experiment, budgets, load }: Plan, metrics: BurnMetrics): string {
  const slos = slosOf(budgets, load.steady, metrics);
  return renderRules(burnRules(slos), `Made by "cutover alerts ${experiment}" of its budgets; not to be edited.`);
}

/** For `promtool test rules`; `ruleFile` is seen from where the tests stand. */
export function ruleTestFileOf({ experiment, budgets, load }: Plan, metrics: BurnMetrics, ruleFile: string): string {
  const slos = slosOf(budgets, load.steady, metrics);
  const comment = `# Made by "cutover alerts ${experiment} --tests ${ruleFile}"; not to be edited.\n`;
  return `${comment}${renderRuleTests(slos, metrics, ruleFile)}`;
}
