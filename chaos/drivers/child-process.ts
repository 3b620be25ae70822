import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { CleanupError, EnvironmentError } from '../../lib/errors.ts';
import { findExecutable } from './find-executable.ts';
import { lastLines } from './log-tail.ts';
import { killGroup, stopGroup } from './process-group.ts';
import { identify } from './process-table.ts';

/** Who ends the group when this process dies before it could. */
export interface GroupGuard {
  guard(pid: number): void;
  release(pid: number): void;
}

export interface ChildOptions {
  /** For messages: 'service "shop"'. */
  readonly title: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Its stdout and stderr; the child writes there itself, so that nothing is lost when this process dies. */
  readonly logFile: string;
  /** What the child reads from its standard input; default: nothing. */
  readonly stdinFile?: string;
  readonly stopTimeoutMs: number;
  readonly guard: GroupGuard;
  /** Words before the command: a program that prepares something, and then becomes the command. */
  readonly wrapper?: readonly string[];
  /** Called with the child's id before it becomes the command. */
  readonly prepare?: (pid: number) => Promise<void>;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StoppedChild {
  readonly title: string;
  readonly how: 'terminated' | 'killed';
  readonly exit: ChildExit;
}

/** A child in a process group of its own. Disposing of it stops the whole group. */
export interface RunningChild extends AsyncDisposable {
  readonly title: string;
  readonly pid: number;
  readonly logFile: string;
  /** Settles when the child itself ends, however; never rejects. */
  readonly exited: Promise<ChildExit>;
  /** How it ended, once it has. */
  readonly exit: () => ChildExit | undefined;
  /** Whether stop was called: an exit after that is expected. */
  readonly stopping: () => boolean;
  readonly lastLines: () => readonly string[];
  /**
   * SIGTERM (or SIGKILL, if that is asked for) to the group, SIGKILL after the stop timeout. CleanupError: the group could not
   * be shown to be gone.
   */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<StoppedChild>;
}

/**
 * Waits for a line before it becomes the command. A child that ran from the start could outlive a harness that is killed
 * between starting it and having it guarded; this one sees its input end instead, and ends too.
 */
const GATE = 'read -r go || exit 125; exec "$@" <&3 3<&-';

/** Starts a command. EnvironmentError('command-not-found' | 'command-not-started' | 'no-such-folder'). */
export async function startChild(options: ChildOptions): Promise<RunningChild> {
  const { title, command, cwd, env, logFile, wrapper = [] } = options;
  const [word = '', ...args] = command;
  // A missing folder would be reported as a missing command.
  if (!existsSync(cwd)) throw new EnvironmentError('no-such-folder', `${title}: no folder ${cwd} to run in`);
  const path = requireExecutable(title, word, cwd, env['PATH']);
  mkdirSync(dirname(logFile), { recursive: true });
  const input = openSync(options.stdinFile ?? '/dev/null', 'r');
  const log = openSync(logFile, 'a');
  let child: ChildProcess;
  try {
    const stdio: StdioOptions = ['pipe', log, log, input];
    child = spawn('/bin/sh', ['-c', GATE, 'sh', ...wrapper, path, ...args], { cwd, env, stdio, detached: true });
    if (child.pid === undefined) await once(child, 'spawn');
  } catch (cause) {
    throw new EnvironmentError('command-not-started', `${title}: ${(cause as Error).message}`, { cause });
  } finally {
    closeSync(log);
    closeSync(input);
  }
  const running = watch(child, child.pid as number, options);
  // It may have been killed meanwhile; its exit tells.
  child.stdin?.on('error', () => {});
  try {
    options.guard.guard(running.pid);
    await options.prepare?.(running.pid);
  } catch (error) {
    child.stdin?.destroy();
    await running.exited;
    options.guard.release(running.pid);
    throw error;
  }
  child.stdin?.end('\n');
  return running;
}

function watch(child: ChildProcess, pid: number, options: ChildOptions): RunningChild {
  const { title, logFile, stopTimeoutMs, guard } = options;
  const leader = identify(pid);
  let exit: ChildExit | undefined;
  let stopped: Promise<StoppedChild> | undefined;
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => resolve((exit = { code, signal })));
  });
  const stop = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<StoppedChild> => {
    const how = signal === 'SIGKILL' ? await killGroup(leader) : await stopGroup(leader, stopTimeoutMs);
    if (how === 'alive') {
      throw new CleanupError(`${title} (process group ${pid}) is still there after SIGKILL`, {
        hint: `look at it with: ps -o pid,pgid,stat,args -g ${pid}`,
      });
    }
    const end = await exited;
    guard.release(pid);
    return { title, how, exit: end };
  };
  const running: RunningChild = {
    title,
    pid,
    logFile,
    exited,
    exit: () => exit,
    stopping: () => stopped !== undefined,
    lastLines: () => lastLines(logFile),
    stop: (signal = 'SIGTERM') => (stopped ??= stop(signal)),
    async [Symbol.asyncDispose]() {
      await running.stop();
    },
  };
  return running;
}

function requireExecutable(title: string, word: string, cwd: string, searchPath: string | undefined): string {
  const executable = findExecutable(word, cwd, searchPath);
  switch (executable.state) {
    case 'found':
      return executable.path;
    case 'missing':
      throw new EnvironmentError('command-not-found', `${title}: command "${word}" was not found`, {
        hint: word.includes('/') ? 'check the path' : `install ${word}, or put it on PATH`,
      });
    case 'not-executable':
      throw new EnvironmentError('command-not-started', `${title}: ${executable.path} is not executable`, {
        hint: 'make it executable (chmod +x)',
      });
    default:
      return executable satisfies never;
  }
}

/** "exit code 1", "signal SIGKILL". */
export function formatExit({ code, signal }: ChildExit): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}
