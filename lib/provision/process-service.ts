import { mkdir } from 'node:fs/promises';
import { join, resolve as resolvePath } from 'node:path';
import {
  type ChildExit,
  type GroupGuard,
  type RunningChild,
  type StoppedChild,
  formatExit,
  startChild,
} from '../../chaos/drivers/child-process.ts';
import { quoteLog } from '../../chaos/drivers/log-tail.ts';
import type { RunContext } from '../context.ts';
import { EnvironmentError } from '../errors.ts';
import type { ProcessService } from '../plan/schema/system.ts';
import { formatDuration } from '../units.ts';
import { throwIfStopped } from './abort.ts';
import { mapValues } from './build.ts';
import { serviceEnvironment } from './environment.ts';
import type { ReadinessProbe } from './readiness/probe.ts';
import { readinessProbe, waitUntilReady } from './readiness/wait.ts';
import { tcpReadiness } from './readiness/tcp.ts';
import { portNames } from './placeholders.ts';

const DEFAULT_TIMEOUT_MS = 30_000;

export interface ProcessServiceOptions {
  readonly name: string;
  readonly service: ProcessService;
  readonly root: string;
  /** Resolves the placeholders of this service's texts, `{{data}}` and `{{artifact}}` too. */
  readonly resolve: (text: string) => string;
  readonly context: RunContext;
  readonly guard: GroupGuard;
  /** Words before its command; see ChildOptions. */
  readonly wrapper?: readonly string[];
  readonly prepare?: (pid: number) => Promise<void>;
}

interface ServiceProcess extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process ends, however; never rejects. */
  readonly exited: Promise<ChildExit>;
  /** Whether it was told to stop: an exit after that is expected. */
  readonly stopping: () => boolean;
  /** Whether its own process, the leader of the group, runs. */
  readonly alive: () => boolean;
  readonly logFile: string;
  stop(): Promise<StoppedService>;
  /** Stops it with a signal because somebody wants it ended, not because the run is over. */
  end(signal: 'SIGTERM' | 'SIGKILL', reason: string): Promise<StoppedService>;
}

/** A service whose process runs, and which may or may not do its work yet. */
export interface StartingService extends ServiceProcess {
  /** EnvironmentError('service-died' | 'service-not-ready'), AbortedError. */
  ready(): Promise<StartedService>;
}

/** A service that has said it is ready. */
interface StartedService extends ServiceProcess {
  readonly readyAfterMs: number;
}

/** A service of which no process is left. */
interface StoppedService {
  readonly name: string;
  readonly how: StoppedChild['how'];
  readonly exit: ChildExit;
}

/** Starts a service in a process group of its own; its output goes to `logs/<name>.log`. Errors as startChild. */
export async function startService(options: ProcessServiceOptions): Promise<StartingService> {
  const { name, service, root, resolve, context, guard } = options;
  const { command, cwd, env, stopTimeout } = service.process;
  const child = await startChild({
    title: `service "${name}"`,
    command: command.map(resolve),
    cwd: resolvePath(root, resolve(cwd ?? '.')),
    env: serviceEnvironment(mapValues(env, resolve)),
    logFile: join(context.folder, 'logs', `${name}.log`),
    stopTimeoutMs: stopTimeout,
    guard,
    wrapper: options.wrapper ?? [],
    ...(options.prepare === undefined ? {} : { prepare: options.prepare }),
  });
  context.journal.record('service-started', { service: name, pid: child.pid });
  const running = serviceProcess(name, child, context);
  return { ...running, ready: async () => ({ ...running, readyAfterMs: await awaitReady(options, child) }) };
}

/** The folder that `{{data}}` stands for; created here. */
export async function dataFolder(context: RunContext, service: string): Promise<string> {
  const folder = join(context.folder, 'data', service);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** What went wrong when a process ended by itself, with its last log lines; `why` where more is known than how it ended. */
export function describeExit(name: string, exit: ChildExit, logFile: string, why?: string): string {
  const how = why === undefined ? formatExit(exit) : `${formatExit(exit)}: ${why}`;
  return `service "${name}" ended by itself (${how})${quoteLog(logFile)}`;
}

function serviceProcess(name: string, child: RunningChild, context: RunContext): ServiceProcess {
  const { pid, exited, stopping } = child;
  const stop = async (): Promise<StoppedService> => {
    const { how, exit } = await child.stop();
    context.journal.record('service-stopped', { service: name, pid, how, ...exit });
    return { name, how, exit };
  };
  return {
    name,
    pid,
    exited,
    stopping,
    alive: () => child.exit() === undefined,
    logFile: child.logFile,
    stop,
    async end(signal, reason) {
      const { how, exit } = await child.stop(signal);
      context.journal.record('service-ended', { service: name, pid, reason, how, ...exit });
      return { name, how, exit };
    },
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

async function awaitReady(options: ProcessServiceOptions, child: RunningChild): Promise<number> {
  const { name, service, context } = options;
  const died = new AbortController();
  void child.exited.then(() => died.abort());
  const stop = AbortSignal.any([died.signal, context.signal]);
  const timeoutMs = service.ready?.timeout ?? DEFAULT_TIMEOUT_MS;
  const startedMs = performance.now();
  for (const probe of readinessProbes(options)) {
    const leftMs = timeoutMs - (performance.now() - startedMs);
    const readiness = await waitUntilReady(probe, leftMs, stop);
    const exit = child.exit();
    if (exit !== undefined) {
      const last = readiness.state === 'ready' ? '' : `; ${probe.title}: ${readiness.last}`;
      throw new EnvironmentError(
        'service-died',
        `service "${name}" ended before it was ready (${formatExit(exit)}${last})${quoteLog(child.logFile)}`,
      );
    }
    throwIfStopped(context.signal);
    if (readiness.state !== 'ready') {
      throw new EnvironmentError(
        'service-not-ready',
        `service "${name}" was not ready within ${formatDuration(timeoutMs)} (${probe.title}: ${readiness.last})` +
          quoteLog(child.logFile),
        { hint: 'check `ready` in the configuration; a slow start needs a longer `timeout`' },
      );
    }
  }
  const tookMs = Math.round(performance.now() - startedMs);
  context.journal.record('service-ready', { service: name, tookMs });
  return tookMs;
}

/** As configured, else a connection to each of the service's ports. */
function readinessProbes({ name, service, resolve }: ProcessServiceOptions): readonly ReadinessProbe[] {
  if (service.ready !== undefined) return [readinessProbe(service.ready, resolve)];
  return portNames(service.ports).map((port) => tcpReadiness(resolve(`{{${name}.${port}}}`)));
}
