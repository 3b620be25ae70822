import { setTimeout as delay } from 'node:timers/promises';
import { type ProcessIdentity, canSignal, isReused, listGroup } from './process-table.ts';

/** Whether no process of the group that `leader` leads runs any more. The leader may be gone long before its children. */
export function isGroupGone(leader: ProcessIdentity): boolean {
  if (isReused(leader) || !canSignal(-leader.pid)) return true;
  // A signal can be sent to zombies too: only the process table tells them from the living.
  return listGroup(leader.pid)?.length === 0;
}

/** SIGTERM, then SIGKILL after `graceMs`; says which it took, or "alive" when the group outlives even that. */
export async function stopGroup(
  leader: ProcessIdentity,
  graceMs: number,
  killMs = 5_000,
): Promise<'terminated' | 'killed' | 'alive'> {
  signalGroup(leader, 'SIGTERM');
  return (await waitGone(leader, graceMs)) ? 'terminated' : await killGroup(leader, killMs);
}

/** SIGKILL at once. */
export async function killGroup(leader: ProcessIdentity, killMs = 5_000): Promise<'killed' | 'alive'> {
  signalGroup(leader, 'SIGKILL');
  return (await waitGone(leader, killMs)) ? 'killed' : 'alive';
}

/** Sends a signal to the group, unless it is another one by now, or gone. */
export function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): void {
  if (isReused(leader)) return;
  try {
    process.kill(-leader.pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

async function waitGone(leader: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + timeoutMs;
  for (let pauseMs = 2; !isGroupGone(leader); pauseMs = Math.min(pauseMs * 2, 50)) {
    const leftMs = deadlineMs - performance.now();
    if (leftMs <= 0) return false;
    await delay(Math.min(pauseMs, leftMs));
  }
  return true;
}
