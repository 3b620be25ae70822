import { setTimeout as delay } from 'node:timers/promises';
import type { SettleHook } from '../../plan/schema/history.ts';
import type { SettleObservation } from './observation.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Reads until what is read is what it should be, or the time is up; all of the hooks side by side. `read` rejects where there is
 * no answer, which counts as one that is not right yet.
 */
export async function settle(
  hooks: readonly SettleHook[],
  options: {
    readonly read: (hook: SettleHook) => Promise<unknown>;
    readonly titleOf: (hook: SettleHook) => string;
    readonly withinMs: number;
    readonly signal: AbortSignal;
  },
): Promise<readonly SettleObservation[]> {
  const { read, titleOf, withinMs, signal } = options;
  const startMs = performance.now();
  return await Promise.all(
    hooks.map(async (hook): Promise<SettleObservation> => {
      const title = titleOf(hook);
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
        const { value, ok } = await readOnce(hook, read);
        const tookMs = performance.now() - startMs;
        if (ok) return { title, settled: true, tookMs, value };
        if (signal.aborted || tookMs + pauseMs >= withinMs) return { title, settled: false, tookMs, value };
        await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }),
  );
}

async function readOnce(hook: SettleHook, read: (hook: SettleHook) => Promise<unknown>) {
  try {
    const value = await read(hook);
    return { value: JSON.stringify(value) ?? 'nothing', ok: value === hook.equals };
  } catch (error) {
    return { value: (error as Error).message, ok: false };
  }
}
