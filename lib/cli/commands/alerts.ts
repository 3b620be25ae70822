import { ruleFileOf, ruleTestFileOf } from '../../alerts/made-by.ts';
import { EXIT, type ExitCode, UsageError } from '../../errors.ts';
import { parseOverride } from '../../plan/override.ts';
import { PlanError } from '../../plan/problem.ts';
import { type BurnMetrics, burnMetricsSchema } from '../../plan/schema/alerts.ts';
import { validate } from '../../plan/validate.ts';
import { slosOf } from '../../alerts/slo.ts';
import { loadOnePlan } from '../load-one-plan.ts';

export interface AlertsCommandOptions {
  readonly config?: string;
  readonly set: readonly string[];
  readonly metric: readonly string[];
  /** The rule file as the tests will see it; without it the rules are printed. */
  readonly tests?: string;
}

/** Prints the burn-rate rules that an experiment's steady budgets make, or the unit tests of those rules. */
export async function alertsCommand(name: string, options: AlertsCommandOptions): Promise<ExitCode> {
  const overrides = options.set.map(parseOverride);
  // The experiment may name the very file that is still to be made.
  const without = { text: 'alerts', path: ['alerts'], value: undefined };
  const hint = 'rules are made of the budgets of one';
  const { plan } = await loadOnePlan(name, { configPath: options.config, overrides: [...overrides, without], hint });
  const metrics = metricsOf(options.metric);
  if (slosOf(plan.budgets, plan.load.steady, metrics).length === 0) {
    throw new UsageError(`"${plan.experiment}" has no budget to make rules of`, {
      hint: `add an errors or a latency budget of the phase "${plan.load.steady}"`,
    });
  }
  const text = options.tests === undefined ? ruleFileOf(plan, metrics) : ruleTestFileOf(plan, metrics, options.tests);
  process.stdout.write(text);
  return EXIT.pass;
}

/** "requests=http_requests_total", … over the defaults. */
function metricsOf(given: readonly string[]): BurnMetrics {
  const raw = Object.fromEntries(given.map(parseOverride).map(({ path, value }) => [path.join('.'), value]));
  const checked = validate('--metric', burnMetricsSchema, raw);
  if (!checked.ok) throw new PlanError(checked.problems);
  return checked.value;
}
