import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { basename, join, resolve as resolvePath } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChildExit, type GroupGuard, formatExit, startChild } from '../../chaos/drivers/child-process.ts';
import { quoteLog } from '../../chaos/drivers/log-tail.ts';
import type { RunContext } from '../context.ts';
import { EnvironmentError } from '../errors.ts';
import type { ProcessService } from '../plan/schema/system.ts';
import { acquireLock } from '../toolchain/lock.ts';
import { formatDuration } from '../units.ts';
import { throwIfStopped } from './abort.ts';
import { buildEnvironment } from './environment.ts';

export interface BuildOptions {
  readonly service: string;
  readonly build: NonNullable<ProcessService['process']['build']>;
  /** Folder that relative paths start at. */
  readonly root: string;
  readonly resolve: (text: string) => string;
  readonly context: RunContext;
  readonly guard: GroupGuard;
}

/**
 * Runs a service's build and returns the path of the run's own copy of what it made:
 * `<cacheDir>/artifacts/<sha256>/<name>`. The copy's address is its content, so a build of another commit into the same
 * folder cannot change what this run starts. Builds that make the same file wait for one another.
 *
 * EnvironmentError('build-failed') with the log's last lines, or as startChild.
 */
export async function buildArtifact(options: BuildOptions): Promise<string> {
  const { service, build, root, resolve, context } = options;
  const artifact = resolvePath(root, resolve(build.artifact));
  const lockName = createHash('sha256').update(artifact).digest('hex').slice(0, 32);
  try {
    await using held = new AsyncDisposableStack();
    const lock = acquireLock(join(context.cacheDir, 'locks', `build-${lockName}`), {
      signal: context.signal,
      onWait: ({ pid }) => context.progress(`${service}: waiting for the build of process ${pid}`),
    });
    held.use(await lock);
    await runBuild(options);
    return await keep(service, artifact, context.cacheDir);
  } catch (error) {
    // A wait that was cut short rejects with the platform's own error.
    if (!(error instanceof EnvironmentError)) throwIfStopped(context.signal);
    throw error;
  }
}

async function runBuild({ service, build, root, resolve, context, guard }: BuildOptions): Promise<void> {
  const command = build.command.map(resolve);
  const logFile = join(context.folder, 'logs', `build-${service}.log`);
  const startedMs = performance.now();
  context.progress(`${service}: building (${command.join(' ')})`);
  await using child = await startChild({
    title: `build of service "${service}"`,
    command,
    cwd: resolvePath(root, resolve(build.cwd ?? '.')),
    env: buildEnvironment(mapValues(build.env, resolve)),
    logFile,
    stopTimeoutMs: 5_000,
    guard,
  });
  const exit = await exitWithin(child.exited, build.timeout, context.signal);
  throwIfStopped(context.signal);
  if (exit?.code !== 0) {
    const how = exit === undefined ? `took longer than ${formatDuration(build.timeout)}` : formatExit(exit);
    throw new EnvironmentError(
      'build-failed',
      `build of service "${service}" failed (${how}): ${command.join(' ')}${quoteLog(logFile)}`,
    );
  }
  const tookMs = Math.round(performance.now() - startedMs);
  context.progress(`${service}: built in ${formatDuration(tookMs)}`);
  context.journal.record('build-finished', { service, command, tookMs });
}

/** How it ended; undefined when it did not in time or the run was stopped. */
async function exitWithin(exited: Promise<ChildExit>, timeoutMs: number, signal: AbortSignal) {
  const timer = new AbortController();
  const timeout = delay(timeoutMs, undefined, { signal: AbortSignal.any([signal, timer.signal]) });
  try {
    return await Promise.race([exited, timeout.catch(() => undefined)]);
  } finally {
    timer.abort();
  }
}

/** Copies under a name of its own and moves into place, so that nobody ever sees half a file. */
async function keep(service: string, artifact: string, cacheDir: string): Promise<string> {
  const artifacts = join(cacheDir, 'artifacts');
  const draft = join(artifacts, `draft-${randomUUID()}`);
  await mkdir(artifacts, { recursive: true });
  try {
    await copyFile(artifact, draft);
    const hash = createHash('sha256');
    await pipeline(createReadStream(draft), hash);
    const folder = join(artifacts, hash.digest('hex'));
    await mkdir(folder, { recursive: true });
    const kept = join(folder, basename(artifact));
    await rename(draft, kept);
    return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new EnvironmentError('build-failed', `build of service "${service}" made no file ${artifact}`, {
      hint: 'check `artifact` in the configuration',
      cause: error,
    });
  } finally {
    await rm(draft, { force: true });
  }
}

export function mapValues(record: Readonly<Record<string, string>>, map: (text: string) => string) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
