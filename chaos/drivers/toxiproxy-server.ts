import { setTimeout as delay } from 'node:timers/promises';
import { EnvironmentError } from '../../lib/errors.ts';
import { type ChildExit, type GroupGuard, type RunningChild, formatExit, startChild } from './child-process.ts';
import { freePort } from './free-port.ts';
import { quoteLog } from './log-tail.ts';
import { type ToxiproxyClient, toxiproxyClient } from './toxiproxy.ts';

const START_TIMEOUT_MS = 10_000;
const STARTS = 3;

export interface ToxiproxyServerOptions {
  /** Path of the toxiproxy-server executable. */
  readonly path: string;
  readonly logFile: string;
  readonly guard: GroupGuard;
  readonly signal: AbortSignal;
  readonly takenPorts?: ReadonlySet<number>;
}

/** A server of one run: its faults end with it. */
export interface ToxiproxyServer extends AsyncDisposable {
  readonly pid: number;
  /** "http://127.0.0.1:NNNN" */
  readonly url: string;
  readonly client: ToxiproxyClient;
  readonly exited: Promise<ChildExit>;
  readonly exit: () => ChildExit | undefined;
  readonly stopping: () => boolean;
  readonly logFile: string;
  stop(): Promise<void>;
}

/**
 * Starts a server on a free port of 127.0.0.1 (its API knows no authentication) and waits until it answers.
 * EnvironmentError('toxiproxy-not-started') with its last log lines.
 */
export async function startToxiproxyServer(options: ToxiproxyServerOptions): Promise<ToxiproxyServer> {
  for (let start = 1; ; start += 1) {
    const port = await freePort(options.takenPorts);
    const child = await startChild({
      title: 'toxiproxy-server',
      command: [options.path, '-host', '127.0.0.1', '-port', String(port)],
      cwd: '/',
      env: {},
      logFile: options.logFile,
      stopTimeoutMs: 2_000,
      guard: options.guard,
    });
    const url = `http://127.0.0.1:${port}`;
    const client = toxiproxyClient(url);
    try {
      if (await answers(child, client, options.signal)) return serverOf(child, url, client);
    } catch (error) {
      await child.stop();
      throw error;
    }
    await child.stop();
    const exit = child.exit();
    // It may have lost its port between the choice and its start: once more on another one.
    if (start < STARTS && child.lastLines().some((line) => line.includes('address already in use'))) continue;
    const how = exit?.signal === null ? formatExit(exit) : `no answer in ${START_TIMEOUT_MS} ms`;
    throw new EnvironmentError(
      'toxiproxy-not-started',
      `${options.path} did not start (${how})${quoteLog(options.logFile)}`,
    );
  }
}

function serverOf(child: RunningChild, url: string, client: ToxiproxyClient): ToxiproxyServer {
  const { pid, exited, exit, stopping, logFile } = child;
  const stop = async (): Promise<void> => void (await child.stop());
  return { pid, url, client, exited, exit, stopping, logFile, stop, [Symbol.asyncDispose]: stop };
}

/** True when it answers, false when it ended or the time is up. */
async function answers(child: RunningChild, client: ToxiproxyClient, signal: AbortSignal): Promise<boolean> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  for (
    let pauseMs = 5;
    performance.now() < deadlineMs && child.exit() === undefined;
    pauseMs = Math.min(pauseMs * 2, 100)
  ) {
    signal.throwIfAborted();
    try {
      await client.version();
      // Whoever answered was this child only if it still runs.
      return child.exit() === undefined;
    } catch {
      await delay(pauseMs, undefined, { signal });
    }
  }
  return false;
}
