import { setTimeout as delay } from 'node:timers/promises';
import type { Ready } from '../../plan/schema/system.ts';
import { grpcReadiness } from './grpc.ts';
import { httpReadiness } from './http.ts';
import type { ReadinessProbe } from './probe.ts';
import { tcpReadiness } from './tcp.ts';

const ATTEMPT_MS = 2_000;

/** How a wait ended; `last` is the last answer, for the message. */
export type Readiness =
  | { readonly state: 'ready'; readonly tookMs: number }
  | { readonly state: 'timeout' | 'stopped'; readonly last: string };

export function readinessProbe(ready: Ready, resolve: (text: string) => string): ReadinessProbe {
  if ('http' in ready) return httpReadiness(resolve(ready.http));
  if ('grpc' in ready) return grpcReadiness(resolve(ready.grpc), resolve(ready.service));
  return tcpReadiness(resolve(ready.tcp));
}

/** Asks until the answer is "ready", the time is up, or `stop` is aborted (the process died, the user stopped the run). */
export async function waitUntilReady(probe: ReadinessProbe, timeoutMs: number, stop: AbortSignal): Promise<Readiness> {
  const startedMs = performance.now();
  let last = 'not asked yet';
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 250)) {
    if (stop.aborted) return { state: 'stopped', last };
    const leftMs = timeoutMs - (performance.now() - startedMs);
    if (leftMs <= 0) return { state: 'timeout', last };
    const attempt = AbortSignal.any([stop, AbortSignal.timeout(Math.ceil(Math.min(ATTEMPT_MS, leftMs)))]);
    const answer = await probe.ask(attempt);
    if (answer.ready) return { state: 'ready', tookMs: Math.round(performance.now() - startedMs) };
    if (!stop.aborted) last = answer.text;
    await delay(Math.min(pauseMs, leftMs), undefined, { signal: stop }).catch(() => {});
  }
}
