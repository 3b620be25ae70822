import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { EnvironmentError } from '../../lib/errors.ts';
import type { ChildExit } from './child-process.ts';
import { findExecutable } from './find-executable.ts';
import { killGroup } from './process-group.ts';
import { identify } from './process-table.ts';

export interface CommandOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Ends it, with everything that it started. */
  readonly signal: AbortSignal;
  /** More of its output is not kept; default: 1 MiB. */
  readonly mostBytes?: number;
}

export interface CommandResult {
  readonly exit: ChildExit;
  readonly stdout: string;
  readonly stderr: string;
}

/** More of an output is not kept: what is asked for are a few values. */
const MOST_BYTES = 1024 ** 2;

/**
 * Runs a short command to its end, in a process group of its own that is killed when the signal is raised, and returns what it
 * printed (at most `mostBytes`). EnvironmentError('command-not-found' | 'command-not-started' | 'no-such-folder').
 */
export async function runCommand({
  command,
  cwd,
  env,
  signal,
  mostBytes = MOST_BYTES,
}: CommandOptions): Promise<CommandResult> {
  const [word = '', ...args] = command;
  if (!existsSync(cwd)) throw new EnvironmentError('no-such-folder', `no folder ${cwd} to run ${word} in`);
  const executable = findExecutable(word, cwd, env['PATH']);
  if (executable.state !== 'found') {
    throw new EnvironmentError('command-not-found', `command "${word}" was not found, or cannot be executed`);
  }
  const child = spawn(executable.path, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const { pid } = child;
  if (pid === undefined) {
    const [cause] = (await once(child, 'error')) as [Error];
    throw new EnvironmentError('command-not-started', cause.message, { cause });
  }
  const leader = identify(pid);
  const end = (): void => void killGroup(leader);
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  try {
    const [exit, stdout, stderr] = await Promise.all([
      exitOf(child),
      read(child.stdout, mostBytes),
      read(child.stderr, mostBytes),
    ]);
    return { exit, stdout, stderr };
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function exitOf(child: ChildProcess): Promise<ChildExit> {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
}

async function read(stream: Readable, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (bytes < mostBytes) chunks.push(chunk);
    bytes += chunk.length;
  }
  return Buffer.concat(chunks).subarray(0, mostBytes).toString('utf8');
}
