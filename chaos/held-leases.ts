import { setTimeout as delay } from 'node:timers/promises';
import type { Lease } from './lease.ts';
import { undoFault } from './undo.ts';

/** An API that hangs may come back; longer than this nobody should wait for it. */
const RETRY_FOR_MS = 600_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** The longest that a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface HeldLeases {
  hold(lease: Lease): void;
  end(id: string): void;
  /** Undoes all at once, since their owner is gone. Returns when all are undone, or could not be in ten minutes. */
  undoAll(): Promise<void>;
}

/**
 * Holds leases: each is undone when its time is over, and all when their owner is gone. One that was undone is kept until
 * its owner ends it: an owner that hung may wake up, inject what it was about to, and die.
 */
export function holdLeases(undo: (undo: Lease['undo']) => Promise<void> = undoFault): HeldLeases {
  const held = new Map<string, Lease>();
  const timers = new Map<string, NodeJS.Timeout>();
  const insist = async (lease: Lease): Promise<void> => {
    const untilMs = performance.now() + RETRY_FOR_MS;
    // What hung may do what it was asked before only after this saw the fault gone: then it is looked at twice.
    let looks = 1;
    // Ended, or held anew, by its owner meanwhile: then nothing is left to do here.
    for (
      let pauseMs = FIRST_PAUSE_MS;
      held.get(lease.id) === lease;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    ) {
      try {
        await undo(lease.undo);
        looks -= 1;
        if (looks === 0) return;
      } catch {
        looks = 2;
        if (performance.now() > untilMs) return;
      }
      await delay(pauseMs);
    }
  };
  const end = (id: string): void => {
    clearTimeout(timers.get(id));
    timers.delete(id);
    held.delete(id);
  };
  return {
    hold(lease) {
      end(lease.id);
      held.set(lease.id, lease);
      const leftMs = Math.min(Math.max(0, lease.until - Date.now()), MAX_TIMER_MS);
      timers.set(
        lease.id,
        setTimeout(() => void insist(lease), leftMs),
      );
    },
    end,
    async undoAll() {
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all([...held.values()].map(insist));
    },
  };
}
