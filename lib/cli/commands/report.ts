import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { renderConsole } from '../../../reports/console/console.ts';
import { InvalidVerdictError, parseVerdict } from '../../../reports/model/schema.ts';
import type { Verdict } from '../../../reports/model/verdict.ts';
import { writeReports } from '../../../reports/write-reports.ts';
import { withHistory } from '../../check-run-history.ts';
import { EXIT, type ExitCode, UsageError } from '../../errors.ts';
import { assembleVerdict } from '../../judge/judge.ts';
import type { Observations } from '../../observe/observations.ts';
import { readTimeline } from '../../observe/timeline.ts';
import { readTraces } from '../../observe/traces/traces-file.ts';
import { loadPlans } from '../../plan/load-plans.ts';
import type { Plan } from '../../plan/plan.ts';
import { RUN_FILES } from '../../run-folder.ts';
import { VERSION } from '../../version.ts';

export interface ReportOptions {
  readonly config?: string;
  readonly judge?: boolean;
  readonly json?: boolean;
}

/** Renders a run's reports again from its files; with `judge`, judges them again first. Ends with the verdict's exit code. */
export async function reportCommand(run: string, options: ReportOptions): Promise<ExitCode> {
  const folder = await findRun(run, options);
  const verdict = options.judge === true ? await judgeAgain(folder) : readVerdict(folder);
  await writeReports(folder, verdict);
  if (options.json === true) process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n`);
  else {
    const color = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
    process.stdout.write(`${renderConsole(verdict, { color, width: process.stdout.columns ?? 120 })}\n`);
    process.stdout.write(`report: ${join(folder, RUN_FILES.html)}\n`);
  }
  return EXIT[verdict.outcome];
}

/** A folder that is there, or the latest run of an experiment. */
async function findRun(run: string, options: ReportOptions): Promise<string> {
  const folder = resolve(run);
  if (existsSync(join(folder, RUN_FILES.plan))) return folder;
  const { output } = await loadPlans({ cwd: process.cwd(), configPath: options.config, names: [], overrides: [] });
  const latest = join(output, run, 'latest');
  if (existsSync(join(latest, RUN_FILES.plan))) return latest;
  throw new UsageError(`no run "${run}"`, { hint: `neither a run folder nor an experiment with runs in ${output}` });
}

function readVerdict(folder: string): Verdict {
  const path = join(folder, RUN_FILES.verdict);
  if (!existsSync(path))
    throw new UsageError(`${path}: the run has no verdict`, {
      hint: 'it ended before its load; see its journal and logs',
    });
  try {
    return parseVerdict(readFileSync(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof InvalidVerdictError) throw new UsageError(error.message, { hint: error.hint, cause: error });
    throw error;
  }
}

/** The judge phase once more, offline, from what the run wrote down. */
async function judgeAgain(folder: string): Promise<Verdict> {
  const read = (name: string): string => {
    const path = join(folder, name);
    if (!existsSync(path))
      throw new UsageError(`${path}: no such file`, { hint: 'the run ended before it was observed' });
    return readFileSync(path, 'utf8');
  };
  const { plan } = JSON.parse(read(RUN_FILES.plan)) as { plan: Plan };
  const { run, environment, stoppedEarly, ...observed } = JSON.parse(read(RUN_FILES.observations)) as Pick<
    Verdict,
    'run' | 'environment'
  > & {
    stoppedEarly?: string;
  } & Omit<Observations, 'seconds'>;
  const { traces } = observed;
  const observations = await withHistory({
    folder,
    runId: run.id,
    plan,
    observations: {
      ...observed,
      seconds: readTimeline(read(RUN_FILES.timeline)),
      ...(traces === undefined ? {} : { traces: { ...traces, requests: readTraces(read(RUN_FILES.traces)) } }),
    },
  });
  const early = stoppedEarly === undefined ? {} : { stoppedEarly };
  return assembleVerdict({ plan, observations, run, environment, cutoverVersion: VERSION, ...early });
}
