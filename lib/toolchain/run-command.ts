import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly cwd?: string | undefined;
  /** After this the command's process group is killed and the result is "timed-out". */
  readonly timeoutMs?: number | undefined;
  /** Called with each whole line of standard error, as it comes. */
  readonly onErrorLine?: ((line: string) => void) | undefined;
}

/** How a command ended. Only "exited" with code 0 is a success; "not-started" is a missing or not executable file. */
export type CommandResult =
  | { readonly kind: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'signalled'; readonly signal: NodeJS.Signals; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'timed-out'; readonly timeoutMs: number }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'not-started'; readonly reason: string };

/**
 * Runs a command to its end, without a shell, in a process group of its own: an abort or a time-out reaches its
 * children too (`go build` starts compilers and a linker). Never throws.
 */
export async function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  if (options.signal.aborted) return { kind: 'aborted' };
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });

  let cut: CommandResult | undefined;
  const cutShort = (result: CommandResult): void => {
    cut = result;
    killGroup(child.pid);
  };
  const abort = (): void => cutShort({ kind: 'aborted' });
  options.signal.addEventListener('abort', abort, { once: true });
  const { timeoutMs } = options;
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => cutShort({ kind: 'timed-out', timeoutMs }), timeoutMs);

  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr, options.onErrorLine);
  child.once('error', (error) => resolve({ kind: 'not-started', reason: error.message }));
  child.once('close', (code, signal) => {
    if (cut !== undefined) resolve(cut);
    else if (signal !== null) resolve({ kind: 'signalled', signal, stdout: stdout(), stderr: stderr() });
    else resolve({ kind: 'exited', code: code ?? 0, stdout: stdout(), stderr: stderr() });
  });

  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', abort);
  }
}

/** Why a command did not succeed, in a few words; undefined when it did. "brief" leaves out what it said at last. */
export function failureOf(result: CommandResult, length: 'full' | 'brief' = 'full'): string | undefined {
  const lastLine = length === 'full' ? lastLineOf : (): string => '';
  switch (result.kind) {
    case 'exited':
      return result.code === 0 ? undefined : `exited with ${result.code}${lastLine(result.stderr)}`;
    case 'signalled':
      return `was killed by ${result.signal}${lastLine(result.stderr)}`;
    case 'timed-out':
      return `did not answer within ${result.timeoutMs / 1_000} s`;
    case 'aborted':
      return 'was aborted';
    case 'not-started':
      return `could not be started: ${result.reason}`;
    default:
      return result satisfies never;
  }
}

function lastLineOf(text: string): string {
  const line = text.trim().split('\n').at(-1);
  return line ? `: ${line}` : '';
}

function collect(stream: Readable, onLine?: (line: string) => void): () => string {
  let text = '';
  let reported = 0;
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n', reported); end >= 0; end = text.indexOf('\n', reported)) {
      onLine?.(text.slice(reported, end));
      reported = end + 1;
    }
  });
  return () => text;
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Already gone: the "close" event is on its way.
  }
}
