import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChildExit, type GroupGuard, formatExit, startChild } from '../../chaos/drivers/child-process.ts';
import { quoteLog } from '../../chaos/drivers/log-tail.ts';
import type { RunContext } from '../context.ts';
import { EnvironmentError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { consoleFileOf } from '../run-folder.ts';
import type { Bundle } from './bundle.ts';
import { k6Command } from './k6-command.ts';
import { type K6LogLine, parseK6LogLine } from './k6-log.ts';
import { followLines } from './follow-lines.ts';
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
  const consoleFile = consoleFileOf(plan);
  const consolePath = consoleFile === undefined ? undefined : join(context.folder, consoleFile);
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
    consoleFile: consolePath,
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
  const started = waitForStart(child.exit, { logFile, consoleFile: consolePath }, context.signal);
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
  { logFile, consoleFile }: { readonly logFile: string; readonly consoleFile: string | undefined },
  signal: AbortSignal,
): Promise<number> {
  const sources = [logFile, consoleFile].flatMap((path) => (path === undefined ? [] : [followLines(path)]));
  const errors: K6LogLine[] = [];
  for (;;) {
    // Asked before the log is read, so that a last line written before the exit is not missed.
    const ended = exit();
    for (const line of sources.flatMap((newLines) => newLines())) {
      if (!line.startsWith('{')) continue;
      const entry = parseK6LogLine(line);
      if (entry.loadStartedEpochMs !== undefined) return entry.loadStartedEpochMs;
      if (entry.level === 'error' || entry.level === 'fatal') errors.push(entry);
    }
    if (ended !== undefined) throw notStarted(ended, logFile, errors);
    await delay(POLL_MS, undefined, { signal });
  }
}

function notStarted(exit: ChildExit, logFile: string, errors: readonly K6LogLine[]): ScenarioError | EnvironmentError {
  const quoted = errors.map(({ message }) => `\n    ${message.replaceAll('\n', '\n    ')}`);
  if (exit.code !== null && SCRIPT_EXIT_CODES.includes(exit.code)) {
    return new ScenarioError(`k6 refused the scenario (${formatExit(exit)}):${quoted.join('')}`, {
      hint: `k6's whole log: ${logFile}`,
    });
  }
  return new EnvironmentError('k6-ended', `k6 ended before the load started (${formatExit(exit)})${quoteLog(logFile)}`);
}
