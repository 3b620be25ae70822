import type { Check } from '../../reports/model/verdict.ts';
import type { Second } from '../observe/observations.ts';
import type { ThroughputBudget } from '../plan/schema/budgets.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { safely } from './safely.ts';
import { sum } from './tally.ts';
import { count, percent } from './words.ts';

/** Iterations are counted when they end and arrive in pushes: both edges of a phase together may be off by this much. */
const EDGE_SECONDS = 1;

/**
 * "≥ `atLeast` of the planned arrivals are completed". Over the phase's seconds,
 *
 *     achieved = min(offered − dropped, completed + peak rate × (1 s + mean iteration duration)) ÷ offered
 *
 * The first term is exact: what was dropped is never completed. The second finds what was started and never ended; its
 * allowance is what may rightly end after the phase: arrivals in flight at its end (rate × duration, Little's law) and
 * one second for the edges, since iterations are placed by when they ended and by when they were pushed. Late is the
 * latency budget's concern, never is this one's. A phase in which nothing at all was completed does not pass.
 */
export function judgeThroughput(id: string, budget: ThroughputBudget, seconds: readonly Second[]): Check {
  const { phase, atLeast } = budget;
  const limit = `≥ ${percent(atLeast)} of the planned arrivals`;
  const title = budget.name ?? `${percent(atLeast)} of the planned arrivals are completed in ${phase}`;
  return safely({ id, title, kind: 'throughput', phase, limit }, () =>
    finding(
      budget,
      seconds.filter((second) => second.phase === phase),
    ),
  );
}

function finding({ atLeast, minEvents }: ThroughputBudget, seconds: readonly Second[]): Finding {
  const offered = sum(seconds, (second) => second.offered);
  const completed = sum(seconds, (second) => second.iterations);
  const dropped = sum(seconds, (second) => second.dropped);
  const busySeconds = sum(seconds, (second) => second.busyVus);
  const arrivals = Math.round(offered);
  if (offered <= 0 || arrivals < minEvents) {
    return inconclusive(`${count(arrivals, 'planned arrival')}, at least ${Math.max(1, minEvents)} needed`, {
      hint: 'make the phase longer, raise the rate, or lower the minimum number of events',
      measured: count(arrivals, 'planned arrival'),
      events: arrivals,
    });
  }

  const meanDurationSeconds = completed > 0 ? busySeconds / completed : 0;
  const peakPerSecond = seconds.reduce((peak, second) => Math.max(peak, second.offered), 0);
  const allowance = peakPerSecond * (EDGE_SECONDS + meanDurationSeconds);
  const achieved = Math.max(0, Math.min(offered - dropped, completed + allowance) / offered);
  const result = {
    measured: `${percent(achieved, atLeast)}, ${dropped} dropped`,
    events: arrivals,
    evidence: figures({
      atLeastRatio: atLeast,
      achievedRatio: achieved,
      offered,
      completed,
      dropped,
      edgeAllowance: allowance,
      meanIterationMs: meanDurationSeconds * 1_000,
    }),
  };
  const share = `${percent(achieved, atLeast)} of ${arrivals} planned arrivals: ${completed} completed, ${dropped} dropped`;
  // The plan's rate is an integral of floating-point numbers: its last bits must not decide.
  if (achieved < atLeast - 1e-9) {
    return { outcome: 'fail', reason: `${share}; at least ${percent(atLeast)} needed`, ...result };
  }
  if (completed === 0) return inconclusive('no iteration was seen to end in the phase', result);
  if (achieved >= atLeast - 1e-9) return { outcome: 'pass', reason: share, ...result };
  return inconclusive('the counts are not numbers', result);
}
