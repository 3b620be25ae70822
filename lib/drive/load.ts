import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChildExit, type GroupGuard, formatExit, startChild } from '../../chaos/drivers/child-process.ts';
import { quoteLog } from '../../chaos/drivers/log-tail.ts';
import type { RunContext } from '../context.ts';
import { EnvironmentError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { RUN_FILES } from '../run-folder.ts';
import type { Bundle } from './bundle.ts';
import { k6Command } from './k6-command.ts';
import { parseK6LogLine } from './k6-log.ts';
import { ScenarioError } from './scenario-error.ts';

/** k6 exits with these when the script, not the machine, is at fault: 104 bad options, 107 exception (k6's errext/exitcodes). */
const SCRIPT_EXIT_CODES = [104, 107];
/** SIGTERM makes k6 end its iterations and push its last metrics. */
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 20;

export interface LoadOptions {
  readonly plan: Plan;
  readonly context: RunContext;
  readonly bundle: Bundle;
  readonly k6: string;
  readonly runId: string;
  readonly receiver: { readonly url: string; readonly token: string };
  readonly resolve: (text: string) => string;
  readonly guard: GroupGuard;
}

/** A k6 that is running. Disposing of it stops it. */
export interface RunningLoad extends AsyncDisposable {
  readonly pid: number;
  /** Settles when k6 ends, however; never rejects. */
  readonly exited: Promise<ChildExit>;
  /** Unix milliseconds at which k6 started the first phase. ScenarioError or EnvironmentError if it ends before. */
  readonly started: Promise<number>;
  stop(): Promise<void>;
}

/** Starts k6 on the bundled scenario; the load itself starts a moment later, see `started`. */
export async function startLoad(options: LoadOptions): Promise<RunningLoad> {
  const { plan, context, bundle, k6, runId, receiver, resolve, guard } = options;
  const resolveAll = (variables: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, resolve(value)]));
  const writesFile = plan.load.recordWrites ? join(context.folder, RUN_FILES.writes) : undefined;
  const {
    command,
    args,
    env: childEnv,
  } = k6Command({
    plan,
    k6,
    runId,
    receiver,
    env: resolveAll(plan.load.env),
    phaseEnv: Object.fromEntries(plan.load.phases.flatMap(({ name, env }) => (env ? [[name, resolveAll(env)]] : []))),
    writesFile,
    inherited: process.env,
  });
  const logFile = join(context.folder, 'logs', 'k6.log');
  context.journal.record('load-starting', { command: [command, ...args], scenarioSha256: bundle.sha256 });
  const child = await startChild({
    title: 'k6',
    command: [command, ...args],
    cwd: dirname(plan.load.scenario),
    env: childEnv,
    logFile,
    stdinFile: bundle.path,
    stopTimeoutMs: STOP_TIMEOUT_MS,
    guard,
  });
  const started = waitForStart(child.exit, { logFile, writesFile }, context.signal);
  // Whoever awaits it sees the failure; when the run ends before anybody does, it is no unhandled one.
  started.catch(() => undefined);
  return {
    pid: child.pid,
    exited: child.exited,
    started,
    stop: async () => void (await child.stop()),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** The marker is a line of the console: in k6's log, or where the console goes instead. */
async function waitForStart(
  exit: () => ChildExit | undefined,
  { logFile, writesFile }: { readonly logFile: string; readonly writesFile: string | undefined },
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    // Asked before the log is read, so that a last line written before the exit is not missed.
    const ended = exit();
    const lines = readFileSync(logFile, 'utf8').split('\n');
    const console = writesFile !== undefined && existsSync(writesFile) ? firstLines(writesFile) : [];
    for (const line of [...lines, ...console]) {
      if (!line.startsWith('{')) continue;
      const { loadStartedEpochMs } = parseK6LogLine(line);
      if (loadStartedEpochMs !== undefined) return loadStartedEpochMs;
    }
    if (ended !== undefined) throw notStarted(ended, logFile, lines);
    await delay(POLL_MS, undefined, { signal });
  }
}

/** The marker is written by the first iteration; the file may grow fast. */
function firstLines(path: string): readonly string[] {
  using file = {
    descriptor: openSync(path, 'r'),
    [Symbol.dispose]() {
      closeSync(this.descriptor);
    },
  };
  const buffer = Buffer.alloc(64 * 1024);
  const length = readSync(file.descriptor, buffer);
  return buffer.toString('utf8', 0, length).split('\n');
}

function notStarted(exit: ChildExit, logFile: string, lines: readonly string[]): ScenarioError | EnvironmentError {
  const errors = lines
    .filter((line) => line.startsWith('{'))
    .map(parseK6LogLine)
    .filter(({ level }) => level === 'error' || level === 'fatal')
    .map(({ message }) => `\n    ${message.replaceAll('\n', '\n    ')}`);
  if (exit.code !== null && SCRIPT_EXIT_CODES.includes(exit.code)) {
    return new ScenarioError(`k6 refused the scenario (${formatExit(exit)}):${errors.join('')}`, {
      hint: `k6's whole log: ${logFile}`,
    });
  }
  return new EnvironmentError('k6-ended', `k6 ended before the load started (${formatExit(exit)})${quoteLog(logFile)}`);
}
