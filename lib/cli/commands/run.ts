import { createLiveView } from '../../../reports/console/live-view.ts';
import { renderConsole } from '../../../reports/console/console.ts';
import { renderSuite } from '../../../reports/console/suite.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import { type Plans, loadPlans } from '../../plan/load-plans.ts';
import { parseOverride } from '../../plan/override.ts';
import type { Plan } from '../../plan/plan.ts';
import { redactPlan } from '../../plan/redact.ts';
import { type RunResult, runExperiment } from '../../run.ts';
import { RUN_FILES } from '../../run-folder.ts';
import { cacheDir } from '../../toolchain/cache-dir.ts';
import type { Tool } from '../../toolchain/tool.ts';
import { display } from '../display.ts';
import { renderSchedule } from '../dry-run.ts';
import { mayContinue, worstExitCode } from '../exit-code.ts';
import { toLiveStatus } from '../live-status.ts';
import { formatError } from '../print-error.ts';
import { resolveTools } from '../resolve-tools.ts';
import { abortOnSignals } from '../signals.ts';

export interface RunCommandOptions {
  readonly config?: string;
  readonly set: readonly string[];
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Runs the experiments that were asked for, one after the other, and prints what came of it. */
export async function runCommand(names: readonly string[], options: RunCommandOptions): Promise<ExitCode> {
  const overrides = options.set.map(parseOverride);
  const plans = await loadPlans({ cwd: process.cwd(), configPath: options.config, names, overrides });
  if (options.dryRun === true) return printDryRun(plans, options);

  // With --json, stdout belongs to the result.
  const stream = options.json === true ? process.stderr : process.stdout;
  const tty = stream.isTTY && process.env['CI'] === undefined;
  const color = tty && process.env['NO_COLOR'] === undefined;
  const say = (message: string) => stream.write(`${message}\n`);
  using abort = abortOnSignals((message) => process.stderr.write(`${message}\n`));
  const tools = await resolveTools(plans.plans, abort.signal);
  for (const { name, version, path, why } of tools) say(`${name} ${version}: ${path} (${why})`);

  const results: (RunResult & { readonly durationMs: number })[] = [];
  for (const plan of plans.plans) {
    say(`\n${renderSchedule(plan)}\n`);
    const startMs = performance.now();
    const result = await runOne(plan, plans.output, tools, abort.signal, { stream, tty, color });
    results.push({ ...result, durationMs: performance.now() - startMs });
    if (result.verdict !== undefined) say(renderConsole(result.verdict, { color, width: stream.columns ?? 120 }));
    if (result.error !== undefined) process.stderr.write(`${formatError(result.error)}\n`);
    say(
      result.verdict === undefined
        ? `run folder: ${display(result.folder)}`
        : `report: ${display(result.folder)}/${RUN_FILES.html}`,
    );
    if (!mayContinue(result.exitCode)) break;
  }
  printSuite(results, plans.plans.length, say, color);
  const exitCode = worstExitCode(results.map((result) => result.exitCode));
  if (options.json === true) process.stdout.write(`${JSON.stringify(toJson(results, exitCode), null, 2)}\n`);
  return exitCode;
}

interface Terminal {
  readonly stream: NodeJS.WriteStream;
  readonly tty: boolean;
  readonly color: boolean;
}

async function runOne(
  plan: Plan,
  output: string,
  tools: readonly Tool[],
  signal: AbortSignal,
  terminal: Terminal,
): Promise<RunResult> {
  using view = createLiveView({ ...terminal, now: () => performance.now() });
  return await runExperiment({
    plan,
    output,
    cacheDir: cacheDir(process.env),
    tools,
    signal,
    progress: (message) => view.phase(message),
    onSecond: (second) => view.second(toLiveStatus(second, plan)),
  });
}

function printDryRun({ plans }: Plans, options: RunCommandOptions): ExitCode {
  const text =
    options.json === true ? JSON.stringify(plans.map(redactPlan), null, 2) : plans.map(renderSchedule).join('\n\n');
  process.stdout.write(`${text}\n`);
  return EXIT.pass;
}

function printSuite(
  results: readonly (RunResult & { durationMs: number })[],
  planned: number,
  say: (text: string) => void,
  color: boolean,
): void {
  if (planned < 2) return;
  const rows = results.map(({ experiment, verdict, error, folder, durationMs }) => ({
    name: experiment,
    outcome: verdict?.outcome ?? ('inconclusive' as const),
    summary: verdict?.summary ?? error?.message.split('\n')[0] ?? '',
    reportPath: `${display(folder)}/${RUN_FILES.html}`,
    durationMs,
  }));
  say(renderSuite(rows, { color }));
  if (results.length < planned) say(`${planned - results.length} of ${planned} experiments were not run`);
}

function toJson(results: readonly RunResult[], exitCode: ExitCode) {
  return {
    exitCode,
    experiments: results.map(({ experiment, folder, verdict, error, exitCode: code }) => ({
      experiment,
      exitCode: code,
      outcome: verdict?.outcome,
      summary: verdict?.summary,
      folder,
      checks: verdict?.checks.map(({ id, outcome, reason }) => ({ id, outcome, reason })),
      error: error === undefined ? undefined : { code: error.code, message: error.message, hint: error.hint },
    })),
  };
}
