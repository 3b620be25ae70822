import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from '../reports/model/verdict.ts';
import { writeReports } from '../reports/write-reports.ts';
import { withHistory } from './check-run-history.ts';
import type { RunContext } from './context.ts';
import { describeEnvironment } from './environment.ts';
import { type CutoverError, EXIT, type ExitCode } from './errors.ts';
import { openJournal } from './journal/journal.ts';
import { assembleVerdict } from './judge/judge.ts';
import { type Measured, measure } from './measure.ts';
import type { Second } from './observe/observations.ts';
import type { Plan } from './plan/plan.ts';
import { planSha256, redactPlan } from './plan/redact.ts';
import { asRunError } from './run-error.ts';
import { RUN_FILES, type RunFolder, createRunFolder } from './run-folder.ts';
import type { Tool } from './toolchain/tool.ts';
import { VERSION } from './version.ts';

export interface RunOptions {
  readonly plan: Plan;
  /** Folder in which the run folder is made (absolute). */
  readonly output: string;
  /** A run folder that is there already, for a run that is part of something larger; default: a new one in `output`. */
  readonly folder?: RunFolder;
  readonly cacheDir: string;
  readonly tools: readonly Tool[];
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
  readonly onSecond: (second: Second) => void;
}

export interface RunResult {
  readonly experiment: string;
  readonly folder: string;
  readonly exitCode: ExitCode;
  /** Undefined when the load never started: then `error` says why. */
  readonly verdict: Verdict | undefined;
  readonly error: CutoverError | undefined;
}

/**
 * One run of one experiment: the six phases in order, each given what the one before returned, each value also in the run
 * folder.
 *
 *  1. plan       was done by the caller; it is written down here, without its secrets
 *  2. provision  ┐
 *  3. drive      ├ measure(): everything they start is stopped again when it returns
 *  4. observe    ┘
 *  5. judge      from what was observed to a verdict; no I/O
 *  6. report     renders the verdict
 *
 * A run that was aborted or whose clean-up failed is still judged and reported on what it has.
 */
export async function runExperiment(options: RunOptions): Promise<RunResult> {
  const { plan, output, cacheDir, tools, signal, progress } = options;
  const startedAt = new Date();
  const folder = options.folder ?? createRunFolder(output, plan.experiment, startedAt);
  using journal = openJournal(join(folder.path, RUN_FILES.journal));
  const context: RunContext = { journal, signal, folder: folder.path, cacheDir, progress };
  const sha256 = planSha256(plan);
  writeJson(join(folder.path, RUN_FILES.plan), { sha256, plan: redactPlan(plan) });
  const environment = describeEnvironment(tools);
  journal.record('run-started', { experiment: plan.experiment, runId: folder.id, planSha256: sha256, environment });

  let measured: Measured | undefined;
  let error: CutoverError | undefined;
  try {
    const path = (name: Tool['name']) => tools.find((tool) => tool.name === name)?.path;
    const toolPaths = {
      k6: path('k6') ?? 'k6',
      toxiproxyServer: path('toxiproxy-server'),
      prometheus: path('prometheus'),
      promtool: path('promtool'),
    };
    await measure({ plan, context, runId: folder.id, tools: toolPaths, onSecond: options.onSecond }, (result) => {
      measured = result;
    });
  } catch (thrown) {
    error = asRunError(thrown, signal);
    journal.record('run-error', { code: error.code, message: error.message });
  }
  if (measured === undefined) {
    const exitCode = error?.exitCode ?? EXIT.environment;
    journal.record('run-ended', { exitCode });
    return { experiment: plan.experiment, folder: folder.path, exitCode, verdict: undefined, error };
  }

  const { bundle, stoppedEarly } = measured;
  const observations = await withHistory({
    folder: folder.path,
    runId: folder.id,
    plan,
    observations: measured.observations,
  });
  const run = {
    id: folder.id,
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    seed: plan.seed,
    planSha256: sha256,
    scenarioSha256: bundle.sha256,
  };
  const { seconds: _inTimeline, traces, ...rest } = observations;
  // Each request's trace has a line of its own in traces.ndjson.
  const tracesBeside = traces === undefined ? {} : { traces: { ...traces, requests: [] } };
  writeJson(join(folder.path, RUN_FILES.observations), { run, environment, stoppedEarly, ...rest, ...tracesBeside });
  const verdict = assembleVerdict({
    plan,
    observations,
    run,
    environment,
    cutoverVersion: VERSION,
    ...(stoppedEarly === undefined ? {} : { stoppedEarly }),
  });
  await writeReports(folder.path, verdict);
  const exitCode = signal.aborted ? EXIT.aborted : (error?.exitCode ?? EXIT[verdict.outcome]);
  journal.record('run-ended', { outcome: verdict.outcome, exitCode });
  return { experiment: plan.experiment, folder: folder.path, exitCode, verdict, error };
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
