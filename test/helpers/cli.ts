import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Waits until the output matches; fails when the command ends before. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<CliResult>;
}

/** Starts the real command line in a folder. */
export function startCli(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningCli {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', CI: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const output = () => `${stdout}\n${stderr}`;
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  const waitFor = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(output());
      if (match !== null) return match;
      const more = await Promise.race([
        once(child.stdout, 'data').then(() => true),
        once(child.stderr, 'data').then(() => true),
        ended.then(() => false),
      ]);
      if (!more && pattern.exec(output()) === null) throw new Error(`ended without ${pattern}:\n${output()}`);
    }
  };
  return { child, output, waitFor, ended };
}

export async function runCli(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> {
  return await startCli(cwd, args, env).ended;
}

/** A new folder with these files in it (values that are no strings become JSON). */
export function makeProject(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-e2e-'));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
  return folder;
}

/** Command lines of processes that have a file of the folder open, or name it: what a run left behind. Linux. */
export function processesOf(folder: string): string[] {
  return globSync('/proc/[0-9]*').flatMap((proc) => {
    try {
      const command = readFileSync(join(proc, 'cmdline'), 'utf8').replaceAll('\0', ' ').trim();
      const open = globSync(join(proc, 'fd', '*')).some((fd) => linkOf(fd).startsWith(folder));
      const working = linkOf(join(proc, 'cwd')).startsWith(folder);
      return command !== '' && (open || working || command.includes(folder)) ? [`${proc.slice(6)} ${command}`] : [];
    } catch {
      return [];
    }
  });
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
