import { setTimeout as delay } from 'node:timers/promises';

/**
 * Calls `tick` at the times that `due` gives (the next one after a moment on the clock), one after the other: a slow tick
 * makes the next ones late or skips them, they never pile up. Disposing of it waits for the tick that is under way. A tick that fails is the last one; disposing
 * then throws its error.
 */
export function startTicker(
  nowMs: () => number,
  due: (nowMs: number) => number,
  tick: () => Promise<void> | void,
): AsyncDisposable {
  const stop = new AbortController();
  const loop = async () => {
    while (!stop.signal.aborted) {
      const now = nowMs();
      const slept = await delay(Math.max(1, due(now) - now), true, { signal: stop.signal }).catch(() => false);
      if (slept) await tick();
    }
  };
  const ended = loop();
  // Whoever disposes of it sees the failure; until then it is no unhandled one.
  ended.catch(() => undefined);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}
