import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for a time on the run's clock (milliseconds since the load started). True when it has come, false when `signal` was
 * aborted before. Timers may fire early, hence the loop.
 */
export async function waitUntil(atMs: number, nowMs: () => number, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    if (signal.aborted) return false;
    const leftMs = atMs - nowMs();
    if (leftMs <= 0) return true;
    await delay(leftMs, undefined, { signal }).catch(() => undefined);
  }
}
