import { resolve as resolvePath } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { formatExit } from '../../chaos/drivers/child-process.ts';
import { callHttp } from '../../chaos/drivers/call-http.ts';
import { runCommand } from '../../chaos/drivers/run-command.ts';
import { CutoverError, EnvironmentError } from '../errors.ts';
import type { Hook, ReadHook } from '../plan/schema/system.ts';
import { formatDuration } from '../units.ts';
import { throwIfStopped } from './abort.ts';
import { buildEnvironment } from './environment.ts';
import { readPointer } from './json-pointer.ts';
import { describeFailure } from './readiness/probe.ts';

/** How long one call may take. */
export const HOOK_TIMEOUT_MS = 5_000;

export interface HookCall {
  /** What it is for, at the start of an error's message: 'traffic switch of "pricing"'. */
  readonly what: string;
  /** Code of the EnvironmentError. */
  readonly code: string;
  /** Replaces the placeholders in every text. */
  readonly resolve: (text: string) => string;
  /** The config's folder; commands run there. */
  readonly root: string;
  /** The run's end. */
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

/**
 * Does what the hook says, and returns the answer's body or what the command printed. EnvironmentError(call.code): anything but
 * 2xx or exit code 0, no answer in time; AbortedError: the run was stopped.
 */
export async function callHook(hook: Hook, call: HookCall): Promise<string> {
  const { code, signal, timeoutMs = HOOK_TIMEOUT_MS } = call;
  const what = `${call.what}: ${titleOf(hook, call)}`;
  const fail = (why: string, cause?: unknown) => new EnvironmentError(code, `${what}: ${why}`, { cause });
  const timeout = AbortSignal.timeout(timeoutMs);
  const stop = AbortSignal.any([signal, timeout]);
  try {
    return await ('command' in hook ? runHook(hook, call, stop) : callByHttp(hook, call, stop));
  } catch (cause) {
    throwIfStopped(signal);
    if (timeout.aborted) throw fail(`no answer within ${formatDuration(timeoutMs)}`, cause);
    throw fail(cause instanceof CutoverError ? cause.message : describeFailure(cause), cause);
  }
}

/** What a hook read: the JSON document that it answers, and the value at its pointer (undefined: there is none). */
export interface HookReading {
  readonly document: unknown;
  readonly value: unknown;
}

/** Errors as `callHook`, also where the answer is no JSON. */
export async function readDocument(hook: ReadHook, call: HookCall): Promise<HookReading> {
  const text = await callHook(hook, call);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    const found = text.trim().slice(0, 80);
    throw new EnvironmentError(call.code, `${call.what}: ${titleOf(hook, call)} reads no JSON: ${found}`, { cause });
  }
  return { document, value: readPointer(document, call.resolve(hook.pointer)) };
}

/** The value at the hook's pointer in the JSON that it answers; undefined: there is none. Errors as `callHook`. */
export async function readHook(hook: ReadHook, call: HookCall): Promise<unknown> {
  return (await readDocument(hook, call)).value;
}

/** Reads until the value is the expected one, or the time is over; what was read last. */
export async function readUntil(
  hook: ReadHook,
  expected: unknown,
  call: HookCall,
  withinMs: number,
): Promise<HookReading> {
  const deadlineMs = performance.now() + withinMs;
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 500)) {
    const reading = await readDocument(hook, call);
    if (reading.value === expected || performance.now() >= deadlineMs) return reading;
    await pause(pauseMs, call.signal);
  }
}

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
  throwIfStopped(signal);
}

/** "PUT http://127.0.0.1:8080/switch", or the command. */
export function titleOf(hook: Hook, { resolve }: Pick<HookCall, 'resolve'>): string {
  return 'command' in hook ? hook.command.map(resolve).join(' ') : `${hook.method} ${resolve(hook.url)}`;
}

async function callByHttp(
  { method, url, headers, body }: Exclude<Hook, { readonly command: unknown }>,
  { resolve }: HookCall,
  signal: AbortSignal,
): Promise<string> {
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), resolve(value)]);
  const content = body === undefined ? undefined : resolve(body);
  const answer = await callHttp({
    method,
    url: resolve(url),
    headers: {
      ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      ...Object.fromEntries(own),
    },
    body: content,
    signal,
  });
  if (answer.status < 200 || answer.status >= 300) {
    throw new Error(`HTTP ${answer.status} ${answer.text.trim().slice(0, 200)}`);
  }
  return answer.text;
}

/** What the command printed, at most `mostBytes` of it. Error with what it said last: any exit code but 0. */
export async function runHook(
  { command, env }: Extract<Hook, { readonly command: unknown }>,
  { resolve, root }: Pick<HookCall, 'resolve' | 'root'>,
  signal: AbortSignal,
  mostBytes?: number,
): Promise<string> {
  const own = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, resolve(value)]));
  const { exit, stdout, stderr } = await runCommand({
    command: command.map(resolve),
    cwd: resolvePath(root),
    // All of the user's: it talks to what the user's own tools talk to.
    env: buildEnvironment(own),
    signal,
    ...(mostBytes === undefined ? {} : { mostBytes }),
  });
  if (exit.code === 0) return stdout;
  const said = (stderr.trim() === '' ? stdout : stderr).trim().slice(-200);
  throw new Error(said === '' ? formatExit(exit) : `${formatExit(exit)}: ${said}`);
}
