import { quantile } from '../observe/histogram.ts';
import type { Second } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import { sumHistograms } from './tally.ts';

/** From here on what was sent is not the planned arrivals any more, but bursts of them. */
export const MISSED_LAG_MS = 200;
/** k6 on a busy machine is some milliseconds late. */
const HARMLESS_LAG_MS = 20;
/** Where every budget is generous, the load may be late by this share of the tightest one: it decides nothing. */
const SHARE_OF_LIMIT = 0.1;

/** The 99th percentile of how late iterations started, in milliseconds; undefined when the scenario does not tell. */
export function startLagMs(seconds: readonly Second[]): number | undefined {
  const lag = quantile(sumHistograms(seconds.map(({ startLag }) => startLag)), 0.99);
  return lag === undefined ? undefined : lag * 1_000;
}

/**
 * How late iterations may start (99th percentile) for a red check still to be the system's doing: 20 ms, or a tenth of the
 * tightest latency limit of the budgets where that is more. Response times are counted from the intended start, so that lag
 * makes a system look slower, never faster: what held, held all the same.
 */
export function harmlessLagMs(plan: Plan): number {
  const limits = plan.budgets.flatMap((budget) => ('under' in budget ? [budget.under] : []));
  const tightest = Math.min(Number.POSITIVE_INFINITY, ...limits);
  return Number.isFinite(tightest) ? Math.max(HARMLESS_LAG_MS, SHARE_OF_LIMIT * tightest) : HARMLESS_LAG_MS;
}
