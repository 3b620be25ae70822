import type { Observations } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import { plannedEndMs } from './integrity.ts';
import { sum } from './tally.ts';

/** The load's last seconds, from which it is estimated how many iterations were in flight when it ended. */
const TAIL_MS = 3_000;
/** The plan's integral is not a whole number, and k6 rounds it in each stage. */
const ROUNDING_ARRIVALS = 2;

export interface SendRate {
  readonly offered: number;
  /** Iterations that ended, and those that were dropped. */
  readonly sent: number;
  /** What may rightly be missing, see `sendRate`. */
  readonly allowance: number;
  /** sent ÷ offered; not a number when nothing was offered. */
  readonly ratio: number;
  /** The same, moved towards 1 by the allowance. */
  readonly adjustedRatio: number;
}

/**
 * How much of the planned load was sent, over the whole load. An iteration is only seen when it ends, so those that were
 * in flight when the load ended may be missing: as many as were busy on average in the last 3 s (Little's law), or all
 * virtual users when iterations were dropped then, because none was free. A load that was cut short may miss one second
 * more.
 */
export function sendRate(plan: Plan, { seconds, loadEndMs, generator }: Observations): SendRate {
  const during = seconds.filter(({ t }) => t * 1_000 < loadEndMs);
  const plannedEnd = plannedEndMs(plan);
  const offered = sum(during, (second) => second.offered * shareUntil(loadEndMs, second.t * 1_000, plannedEnd));
  const sent = sum(seconds, ({ iterations, dropped }) => iterations + dropped);
  const tail = during.filter(({ t }) => (t + 1) * 1_000 > loadEndMs - TAIL_MS);
  const busy = sum(tail, ({ busyVus }) => busyVus) / Math.max(1, tail.length);
  const inFlight = tail.some(({ dropped }) => dropped > 0) ? generator.maxVUs : busy;
  const peakPerSecond = during.reduce((peak, second) => Math.max(peak, second.offered), 0);
  const allowance = inFlight + ROUNDING_ARRIVALS + (loadEndMs < plannedEnd ? peakPerSecond : 0);
  const difference = sent - offered;
  const adjusted = offered + Math.sign(difference) * Math.max(0, Math.abs(difference) - allowance);
  return { offered, sent, allowance, ratio: sent / offered, adjustedRatio: adjusted / offered };
}

/** The share of a window's planned arrivals that were due before the load ended; the plan may end within the window. */
function shareUntil(loadEndMs: number, startMs: number, plannedEnd: number): number {
  const dueUntilMs = Math.min(startMs + 1_000, plannedEnd);
  return dueUntilMs <= startMs ? 1 : Math.min(1, (loadEndMs - startMs) / (dueUntilMs - startMs));
}
