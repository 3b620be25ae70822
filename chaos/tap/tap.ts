import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from '../../lib/errors.ts';
import {
  type ChildExit,
  type GroupGuard,
  type RunningChild,
  formatExit,
  startChild,
} from '../drivers/child-process.ts';
import { quoteLog } from '../drivers/log-tail.ts';
import type { TapControl } from '../lease.ts';
import { TAP_ENV, type TapConfig, type TapReady, checkEdges } from './config.ts';
import { tapClient } from './control.ts';
import type { TapRule } from './rule.ts';

const START_TIMEOUT_MS = 10_000;
/** It takes a second to drain. */
const STOP_TIMEOUT_MS = 3_000;

export interface TapEdgeOptions {
  readonly name: string;
  readonly protocol: 'http' | 'grpc';
  /** "host:port"; the port may be 0. */
  readonly listen: string;
  /** "host:port" */
  readonly upstream: string;
  /** The HTTP header in which callers say how long they will wait, for example "x-deadline-ms"; milliseconds. */
  readonly timeoutHeader?: string;
  /** Where requests carry their idempotency key; `field`: number of a string field in the first protobuf message; gRPC only. */
  readonly idempotencyKey?:
    | { readonly header: string }
    | { readonly field: number; readonly operations: readonly string[] };
}

export interface TapOptions {
  readonly edges: readonly TapEdgeOptions[];
  /** NDJSON, one TapAttempt a line; `readAttempts` reads it. */
  readonly attemptsFile: string;
  readonly logFile: string;
  readonly guard: GroupGuard;
  readonly signal: AbortSignal;
}

export interface RuleState {
  /** Requests that the rule's operations matched and no earlier rule took. */
  readonly matched: number;
  readonly acted: number;
}

/** One process that stands on all tapped edges of a run. */
export interface Tap extends AsyncDisposable {
  readonly pid: number;
  /** Where each edge's tap listens, "host:port". */
  readonly listen: ReadonlyMap<string, string>;
  /** How another process reaches it, to take a rule away. */
  readonly control: TapControl;
  readonly exited: Promise<ChildExit>;
  readonly exit: () => ChildExit | undefined;
  readonly stopping: () => boolean;
  readonly logFile: string;
  /** Replaces one of the same edge and id, counters start anew. */
  setRule(rule: TapRule): Promise<void>;
  /** Its final counters; hung requests of it are reset. TapError 'no-such-rule' when unknown. */
  removeRule(edge: string, id: string): Promise<RuleState>;
  /** Read-back, in the order they were set. */
  rules(edge: string): Promise<readonly (TapRule & RuleState)[]>;
  /** Requests in flight on the edge now. */
  inFlight(edge: string): Promise<number>;
  /** Everything recorded so far is in the attempts file when this returns. */
  flush(): Promise<void>;
  /** Drains briefly, flushes, ends. */
  stop(): Promise<void>;
}

/**
 * Starts a tap and waits until it listens on every edge. TapError('invalid') for options that cannot be;
 * EnvironmentError('tap-not-started') with its last log lines.
 */
export async function startTap(options: TapOptions): Promise<Tap> {
  const { edges, attemptsFile, logFile, guard, signal } = options;
  checkEdges(edges);
  mkdirSync(dirname(attemptsFile), { recursive: true });
  // Beside this file, as source or as compiled.
  const main = fileURLToPath(new URL(`./tap-main${import.meta.url.slice(-3)}`, import.meta.url));
  const token = randomBytes(24).toString('base64url');
  const child = await startChild({
    title: 'tap',
    command: [process.execPath, main],
    cwd: '/',
    env: {
      [TAP_ENV.config]: JSON.stringify({ edges, attemptsFile } satisfies TapConfig),
      [TAP_ENV.token]: token,
    },
    logFile,
    stopTimeoutMs: STOP_TIMEOUT_MS,
    guard,
  });
  let ready: TapReady | undefined;
  try {
    ready = await whenReady(child, signal);
  } catch (error) {
    await child.stop();
    throw error;
  }
  if (ready !== undefined) return tapOf(child, ready, token);
  await child.stop();
  const exit = child.exit();
  const how = exit?.signal === null ? formatExit(exit) : `not ready in ${START_TIMEOUT_MS} ms`;
  throw new EnvironmentError('tap-not-started', `the tap did not start (${how})${quoteLog(logFile)}`);
}

function tapOf(child: RunningChild, { control: url, listen }: TapReady, token: string): Tap {
  const { pid, exited, exit, stopping, logFile } = child;
  const control: TapControl = { url, token };
  const stop = async (): Promise<void> => void (await child.stop());
  return {
    pid,
    listen: new Map(Object.entries(listen)),
    control,
    ...tapClient(control),
    exited,
    exit,
    stopping,
    logFile,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** What the child says of itself; undefined when it ended or the time is up. */
async function whenReady(child: RunningChild, signal: AbortSignal): Promise<TapReady | undefined> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadlineMs && child.exit() === undefined) {
    for (const line of child.lastLines()) {
      const ready = parseReady(line);
      // An earlier tap may have written into the same file.
      if (ready?.pid === child.pid) return ready;
    }
    await delay(10, undefined, { signal });
  }
  return undefined;
}

function parseReady(line: string): TapReady | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as TapReady;
  } catch {
    // It is being written.
    return undefined;
  }
}
