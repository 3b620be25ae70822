import { createLiveView } from '../../../reports/console/live-view.ts';
import { renderSweepConsole } from '../../../reports/console/sweep.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import { parseOverride } from '../../plan/override.ts';
import { RUN_FILES } from '../../run-folder.ts';
import { describeCell, describeSweep } from '../../sweep/describe.ts';
import { planSweep } from '../../sweep/settings.ts';
import { runSweep } from '../../sweep/sweep.ts';
import { cacheDir } from '../../toolchain/cache-dir.ts';
import { display } from '../display.ts';
import { loadOnePlan } from '../load-one-plan.ts';
import { toLiveStatus } from '../live-status.ts';
import { formatError } from '../print-error.ts';
import { resolveTools } from '../resolve-tools.ts';
import { abortOnSignals } from '../signals.ts';

export interface SweepCommandOptions {
  readonly config?: string;
  readonly set: readonly string[];
  readonly edges?: string;
  readonly faults?: string;
  readonly intensities: readonly string[];
  readonly timeLimit?: string;
  readonly for?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Finds the mildest fault that breaks one of an experiment's budgets, for each edge, and prints it. */
export async function sweepCommand(name: string, options: SweepCommandOptions): Promise<ExitCode> {
  const overrides = options.set.map(parseOverride);
  const hint = 'faults are tried on one';
  const { plan, output } = await loadOnePlan(name, { configPath: options.config, overrides, hint });
  const sweep = planSweep(plan, options);
  if (options.dryRun === true) {
    process.stdout.write(`${describeSweep(sweep)}\n`);
    return EXIT.pass;
  }

  const stream = options.json === true ? process.stderr : process.stdout;
  const tty = stream.isTTY && process.env['CI'] === undefined;
  const color = tty && process.env['NO_COLOR'] === undefined;
  const say = (message: string) => stream.write(`${message}\n`);
  using abort = abortOnSignals((message) => process.stderr.write(`${message}\n`));
  const tools = await resolveTools([plan], abort.signal);
  say(describeSweep(sweep));
  let current = plan;
  using view = createLiveView({ stream, tty, color, now: () => performance.now() });
  const result = await runSweep({
    sweep,
    output,
    cacheDir: cacheDir(process.env),
    tools,
    signal: abort.signal,
    now: () => performance.now(),
    progress: (message) => view.phase(message),
    onSecond: (second) => tty && view.second(toLiveStatus(second, current)),
    onCellStart: ({ track, level, index, attempt }, cell) => {
      current = cell;
      view.phase(`cell ${index}: ${describeCell(track, level)}${attempt > 1 ? ' (once more)' : ''}`);
    },
    onCell: ({ index, level, answer }, track) =>
      view.phase(`cell ${index}: ${describeCell(track, level)}: ${answer.answer}, ${answer.reason}`),
  });
  if (result.report !== undefined) {
    say(`\n${renderSweepConsole(result.report, { color, width: stream.columns ?? 120 })}`);
  }
  if (result.error !== undefined) process.stderr.write(`${formatError(result.error)}\n`);
  say(
    result.report === undefined
      ? `run folder: ${display(result.folder)}`
      : `report: ${display(result.folder)}/${RUN_FILES.html}`,
  );
  if (options.json === true) process.stdout.write(`${JSON.stringify(result.report ?? null, null, 2)}\n`);
  return result.exitCode;
}
