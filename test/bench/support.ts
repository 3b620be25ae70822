import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir } from '../../lib/toolchain/cache-dir.ts';
import type { Tool } from '../../lib/toolchain/tool.ts';
import { resolveTool } from '../../lib/toolchain/toolchain.ts';

/** A folder for the bench's files, gone at its end. */
export function benchFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'cutover-bench-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export async function findK6(): Promise<Tool> {
  const context = { env: process.env, cacheDir: cacheDir(process.env), signal: new AbortController().signal };
  return await resolveTool('k6', { ...context, onProgress: () => {} });
}

/** A Go program of this folder, built into the bench's folder. */
export function buildGo(folder: string, name: string): string {
  const binary = join(folder, name);
  const cwd = fileURLToPath(new URL(`${name}/`, import.meta.url));
  const { status, stderr } = spawnSync('go', ['build', '-o', binary, '.'], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`go build ${name}: ${stderr}`);
  return binary;
}

/** The target: answers at once. */
export async function startTarget(folder: string): Promise<Disposable & { readonly url: string }> {
  const child = spawn(buildGo(folder, 'target'), { stdio: ['ignore', 'pipe', 'inherit'] });
  const [address] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { url: `http://${address.trim()}/`, [Symbol.dispose]: () => void child.kill() };
}

/** A k6 that also writes down the CPU time it took (user and system, from bash's `times`). */
export function timedK6(folder: string, k6: string): string {
  const path = join(folder, 'timed-k6');
  writeFileSync(path, `#!/bin/bash\n"${k6}" "$@"\ncode=$?\ntimes > "${folder}/times"\nexit $code\n`);
  chmodSync(path, 0o755);
  return path;
}

/** The second line of `times`: user and system time of the children, "0m1.234s 0m0.567s". Seconds. */
export function readTimes(folder: string): number {
  const [, children = ''] = readFileSync(join(folder, 'times'), 'utf8').trim().split('\n');
  return children
    .split(' ')
    .map((text) => /^(\d+)m([\d.]+)s$/.exec(text))
    .reduce((sum, match) => sum + Number(match?.[1]) * 60 + Number(match?.[2]), 0);
}

/** Runs to the end; fails with its output when it ends badly. */
export async function runToEnd(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const child: ChildProcess = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${output}`);
  return output;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

export function machine(): string {
  return `${cpus().length} CPUs (${cpus()[0]?.model})`;
}

// The shell that times k6 has to have `times`: bash does.
if (spawnSync('bash', ['-c', 'times']).status !== 0) throw new Error('needs bash');
