import type { Check } from '../../reports/model/verdict.ts';
import { quantile } from '../observe/histogram.ts';
import type { Histogram, Second } from '../observe/observations.ts';
import type { LatencyBudget } from '../plan/schema/budgets.ts';
import { bucketAround } from './bucket-edges.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { goodEvents } from './good-events.ts';
import { safely } from './safely.ts';
import { tallyPhase } from './tally.ts';
import { tooFew } from './too-few.ts';
import { exactMilliseconds, milliseconds, operationName, percent, percentRange } from './words.ts';

/**
 * "≥ `atLeast` of `operation` succeed in under `under`", judged by counting: good events ÷ all events, where failed
 * requests and dropped iterations are bad (for "*" also exceptions). The number of good events is exact where the scenario
 * counted them (but for what its clock can't tell), else known as an interval, see `goodEvents`: the budget holds when its
 * low end holds, fails when its high end fails, and is inconclusive in between.
 */
export function judgeLatency(id: string, budget: LatencyBudget, seconds: readonly Second[]): Check {
  const { operation, protocol, phase, under, atLeast } = budget;
  const limit = `≥ ${percent(atLeast)} under ${exactMilliseconds(under)}`;
  const title = budget.name ?? `${operationName(budget)}: ${limit} in ${phase}`;
  return safely({ id, title, kind: 'latency', operation, protocol, phase, limit }, () => finding(budget, seconds));
}

function finding(budget: LatencyBudget, seconds: readonly Second[]): Finding {
  const { under, atLeast } = budget;
  const tally = tallyPhase(seconds, budget.phase, budget);
  const missing = tooFew(tally, seconds, budget, budget.minEvents);
  if (missing !== undefined) return missing;

  const { total, succeeded } = tally;
  const good = goodEvents(tally, under);
  const [low, high] = [good.low / total, good.high / total];
  const [p50Ms, p99Ms] = [quantileMs(succeeded, 0.5), quantileMs(succeeded, 0.99)];
  const shown = percentRange(low, high, atLeast);
  const result = {
    measured: p99Ms === undefined ? shown : `${shown}, p99 ${milliseconds(p99Ms)}`,
    events: total,
    evidence: figures({
      underMs: under,
      atLeastRatio: atLeast,
      goodLow: good.low,
      goodHigh: good.high,
      total,
      failed: tally.failed.count,
      dropped: tally.dropped,
      exceptions: budget.operation === '*' ? tally.exceptions : undefined,
      exact: good.exact,
      p50Ms,
      p99Ms,
    }),
  };
  const share = `${shown} of ${total} under ${exactMilliseconds(under)}`;
  if (low >= atLeast) return { outcome: 'pass', reason: share, ...result };
  if (high < atLeast) return { outcome: 'fail', reason: `${share}, at least ${percent(atLeast)} needed`, ...result };
  if (good.exact) {
    return inconclusive(`${share}: the limit lies within what the generator's clock can tell`, {
      ...result,
      hint: "gRPC calls are timed to 1 ms: a limit that is 1 ms away from the system's usual times is decided",
    });
  }
  return inconclusive(`${share}: the limit lies within the width of one histogram bucket`, {
    ...result,
    hint: decidableHint(succeeded, under),
  });
}

/** Limits at or beyond the bucket's edges have this run's answer: above it all of the bucket counts, below it none. */
function decidableHint(succeeded: Histogram, underMs: number): string {
  const { lowerSeconds, upperSeconds } = bucketAround(succeeded, underMs / 1_000);
  const above = Math.ceil(upperSeconds * 1_000 * 1_000) / 1_000;
  const below = Math.floor(lowerSeconds * 1_000 * 1_000) / 1_000;
  return `this run decides a limit of ${above} ms or more (it would pass) or of ${below} ms or less (it would fail)`;
}

function quantileMs(histogram: Histogram, q: number): number | undefined {
  const seconds = quantile(histogram, q);
  return seconds === undefined ? undefined : seconds * 1_000;
}
