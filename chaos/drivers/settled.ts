import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 5;

/** Tries until it works; false when it has not within the time. At least one attempt is made. */
export async function settled(attempt: () => Promise<boolean> | boolean, withinMs = 2_000): Promise<boolean> {
  const deadlineMs = performance.now() + withinMs;
  while (!(await attempt())) {
    if (performance.now() > deadlineMs) return false;
    await delay(PAUSE_MS);
  }
  return true;
}
