import { setTimeout as delay } from 'node:timers/promises';
import type { SwitchObservation } from '../observe/observations.ts';
import type { Phase } from '../plan/plan.ts';

export interface WalkPhasesOptions {
  readonly phases: readonly Phase[];
  /** Milliseconds since the load's start, from a monotonic clock. */
  readonly nowMs: () => number;
  readonly switchTraffic: (traffic: NonNullable<Phase['traffic']>) => Promise<void>;
  /** Ends the walk; what was not switched yet is left as it is. */
  readonly signal: AbortSignal;
  /** Called when a switch failed, which also ends the walk: what comes after would not be what it is said to be. */
  readonly onFailure: (phase: string, error: Error) => void;
}

/** Moves traffic at the start of each phase that says so, and tells when it was asked for and when it was in force. */
export async function walkPhases(options: WalkPhasesOptions): Promise<readonly SwitchObservation[]> {
  const { phases, nowMs, switchTraffic, signal, onFailure } = options;
  const switches: SwitchObservation[] = [];
  for (const { name, startMs, traffic } of phases) {
    if (traffic === undefined) continue;
    await delay(Math.max(0, startMs - nowMs()), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const askedMs = nowMs();
    try {
      await switchTraffic(traffic);
      switches.push({ phase: name, askedMs, appliedMs: nowMs(), error: undefined });
    } catch (error) {
      // A switch that the end of the run cut short is not the switch's failure.
      if (signal.aborted) break;
      switches.push({ phase: name, askedMs, appliedMs: undefined, error: (error as Error).message });
      onFailure(name, error as Error);
      break;
    }
  }
  return switches;
}
