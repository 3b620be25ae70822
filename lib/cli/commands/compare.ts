import { type ExitCode, UsageError } from '../../errors.ts';
import { loadPlans } from '../../plan/load-plans.ts';
import { parseOverride } from '../../plan/override.ts';
import type { Compared } from '../../plan/schema/comparison.ts';
import { parseDurationMs, parseRatio } from '../../units.ts';
import { type RunCommandOptions, runCommand } from './run.ts';

export interface CompareCommandOptions extends RunCommandOptions {
  readonly blocks?: string;
  readonly block?: string;
  readonly margin?: string;
  readonly aa?: boolean;
}

/** Runs an experiment that compares, with another number or length of blocks or margin, or the baseline against itself. */
export async function compareCommand(name: string, options: CompareCommandOptions): Promise<ExitCode> {
  const { plans } = await loadPlans({
    cwd: process.cwd(),
    configPath: options.config,
    names: [name],
    overrides: options.set.map(parseOverride),
  });
  const [plan] = plans;
  const comparison = plan?.comparison;
  if (plan === undefined || comparison === undefined) {
    throw new UsageError(`${name}: compares nothing`, {
      hint: 'the experiment needs a `comparison` with a baseline and a candidate',
    });
  }
  const pieces = plan.load.phases.filter(({ block }) => block !== undefined);
  const spanMs = (pieces.at(-1)?.endMs ?? 0) - (pieces[0]?.startMs ?? 0);
  const blockMs = options.block === undefined ? spanMs / (2 * comparison.blocks) : durationOf(options.block);
  const blocks = options.blocks === undefined ? comparison.blocks : countOf(options.blocks);
  const { margin } = options;
  return await runCommand([name], {
    ...options,
    set: [
      ...options.set,
      `comparison.blocks=${blocks}`,
      `load.phases.${comparison.phase}.duration=${2 * blocks * blockMs}ms`,
      ...(margin === undefined
        ? []
        : [`comparison.metrics=${JSON.stringify(withMargin(comparison.metrics, ratioOf(margin)))}`]),
      ...(options.aa === true ? [`comparison.candidate=${JSON.stringify(comparison.baseline)}`] : []),
    ],
  });
}

/** The figures as an experiment writes them. Errors and throughput keep their own, which are of another size. */
function withMargin(metrics: readonly Compared[], margin: number): readonly object[] {
  const percent = (ratio: number) => `${Number((ratio * 100).toPrecision(15))}%`;
  return metrics.map((metric) => ({
    ...metric,
    ...('quantile' in metric ? { quantile: percent(metric.quantile) } : {}),
    margin: percent(metric.of === 'errors' || metric.of === 'throughput' ? metric.margin : margin),
  }));
}

function ratioOf(text: string): number {
  const ratio = parseRatio(text);
  if (ratio === undefined) throw new UsageError(`--margin ${text}: must be a percentage such as "10%"`);
  return ratio;
}

function durationOf(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined || ms === 0) {
    throw new UsageError(`--block ${text}: must be a duration such as "5s"`);
  }
  return ms;
}

function countOf(text: string): number {
  const blocks = Number(text);
  if (!Number.isInteger(blocks) || blocks < 1) throw new UsageError(`--blocks ${text}: must be a whole number`);
  return blocks;
}
