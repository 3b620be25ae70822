import { setTimeout as delay } from 'node:timers/promises';
import type { RunContext } from '../context.ts';
import { EnvironmentError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { Traffic } from '../plan/schema/experiment.ts';
import { type TrafficSwitch, switchOf } from '../plan/schema/system.ts';
import { throwIfStopped } from './abort.ts';
import { readPointer } from './json-pointer.ts';
import { resolvePlaceholders } from './placeholders.ts';
import { describeFailure } from './readiness/probe.ts';

const CALL_TIMEOUT_MS = 5_000;

type Call = TrafficSwitch['set'];

/**
 * Sets every capability to what the plan asks for and reads it back until the switch shows it (a switch may take a moment
 * to reach every replica). EnvironmentError('traffic-switch-failed' | 'traffic-switch-not-applied').
 */
export async function switchTraffic(
  plan: Pick<Plan, 'system' | 'traffic'>,
  values: ReadonlyMap<string, string>,
  context: RunContext,
  readBackMs = 10_000,
): Promise<void> {
  for (const [capability, traffic] of Object.entries(plan.traffic)) {
    const trafficSwitch = switchOf(plan.system, capability);
    if (trafficSwitch === undefined) {
      throw new EnvironmentError('traffic-switch-failed', `no traffic switch to move "${capability}" with`);
    }
    const { mode, share } = describeTraffic(traffic);
    const all = new Map([...values, ['capability', capability], ['mode', mode], ['share', String(share)]]);
    const resolve = (text: string): string => resolvePlaceholders(text, all);
    await send(trafficSwitch.set, resolve, capability, context);
    await readBack(trafficSwitch.read, resolve, { capability, share, withinMs: readBackMs }, context);
    context.journal.record('traffic-switched', { capability, mode, share });
    context.progress(`traffic: ${capability} is ${mode === 'canary' ? `canary ${share} %` : mode}`);
  }
}

/** The mode's name and the share of traffic, in per cent, that the candidate answers (a shadow answers none). */
function describeTraffic(traffic: Traffic): { mode: 'off' | 'shadow' | 'canary' | 'full'; share: number } {
  if (typeof traffic === 'object') return { mode: 'canary', share: traffic.canary };
  return { mode: traffic, share: traffic === 'full' ? 100 : 0 };
}

async function readBack(
  call: TrafficSwitch['read'],
  resolve: (text: string) => string,
  { capability, share, withinMs }: { capability: string; share: number; withinMs: number },
  context: RunContext,
): Promise<void> {
  const pointer = resolve(call.pointer);
  const deadlineMs = performance.now() + withinMs;
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 500)) {
    const text = await send(call, resolve, capability, context);
    const value = readPointer(parse(text, capability), pointer);
    if (value === share) return;
    if (performance.now() >= deadlineMs) {
      throw new EnvironmentError(
        'traffic-switch-not-applied',
        `traffic switch: "${capability}" was set to ${share} % but reads back ${JSON.stringify(value)} at ${pointer}`,
        { hint: value === undefined ? 'check `read.pointer` in the configuration' : undefined },
      );
    }
    await delay(pauseMs, undefined, { signal: context.signal }).catch(() => {});
    throwIfStopped(context.signal);
  }
}

/** The answer's body; anything but 2xx is an error. */
async function send(
  { method, url, headers, body }: Call,
  resolve: (text: string) => string,
  capability: string,
  context: RunContext,
): Promise<string> {
  const what = `traffic switch: ${method} ${resolve(url)} for "${capability}"`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(resolve(url), {
      method,
      // Without one, fetch would call the body plain text.
      headers: new Headers({ 'content-type': 'application/json', ...lowerCased(headers, resolve) }),
      signal: AbortSignal.any([context.signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]),
      ...(body === undefined ? {} : { body: resolve(body) }),
    });
    text = await response.text();
  } catch (cause) {
    throwIfStopped(context.signal);
    throw new EnvironmentError('traffic-switch-failed', `${what}: ${describeFailure(cause)}`, { cause });
  }
  if (!response.ok) {
    throw new EnvironmentError(
      'traffic-switch-failed',
      `${what}: HTTP ${response.status} ${text.trim().slice(0, 200)}`,
    );
  }
  return text;
}

function lowerCased(headers: Call['headers'], resolve: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), resolve(value)]));
}

function parse(text: string, capability: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const found = text.trim().slice(0, 80);
    throw new EnvironmentError('traffic-switch-failed', `traffic switch of "${capability}" reads no JSON: ${found}`, {
      cause,
    });
  }
}
