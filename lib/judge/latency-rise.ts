import type { Check } from '../../reports/model/verdict.ts';
import type { Second } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import type { LatencyRiseBudget } from '../plan/schema/budgets.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { quantileSpan } from './quantile-span.ts';
import type { QuantileSpan } from './quantile-span.ts';
import { safely } from './safely.ts';
import { fewestForInterval } from './statistics/rank-interval.ts';
import { tallyPhase } from './tally.ts';
import { tooFew } from './too-few.ts';
import { count, exactMilliseconds, milliseconds, operationName, percent, quantileName } from './words.ts';

/** More events than this no phase has. */
const MOST_EVENTS = 10_000_000;

/**
 * "The `quantile` of `operation` in `phase` is at most (its value in `against` + `hops` × the delay that `fault` injects) ×
 * `atMost` + `slack`", the delay with its jitter. Requests that succeeded are compared; what failed is the errors budgets'
 * concern. Iterations that were dropped in `phase` count as slower than everything; those of `against` only make the limit
 * less certain.
 *
 * It holds when the quantiles as measured do. It fails only when the quantile's lower bound in `phase` is above the limit
 * that comes from its upper bound in `against` (99 % each, see `quantileSpan`): a red verdict is no accident of sampling.
 * Else it is inconclusive.
 */
export function judgeLatencyRise(id: string, budget: LatencyRiseBudget, plan: Plan, seconds: readonly Second[]): Check {
  const { operation, protocol, phase, against, fault, hops } = budget;
  const delay = fault === undefined ? '' : ` + ${hops > 1 ? `${hops} × ` : ''}${fault}`;
  const base = delay === '' ? against : `(${against}${delay})`;
  const name = quantileName(budget.quantile);
  const limit = `${name} ≤ ${percent(budget.atMost)} of ${base} + ${exactMilliseconds(budget.slack)}`;
  const title = budget.name ?? `${operationName(budget)}: ${limit} in ${phase}`;
  return safely({ id, title, kind: 'latency-rise', operation, protocol, phase, limit }, () =>
    finding(budget, plan, seconds),
  );
}

function finding(budget: LatencyRiseBudget, plan: Plan, seconds: readonly Second[]): Finding {
  const { phase, against, quantile: q } = budget;
  const [base, tally] = [tallyPhase(seconds, against, budget), tallyPhase(seconds, phase, budget)];
  const missing =
    tooFew(
      { total: tally.succeeded.count + tally.dropped },
      seconds,
      budget,
      budget.minEvents,
      `succeeded in ${phase}`,
    ) ?? tooFew({ total: base.succeeded.count }, seconds, budget, budget.minEvents, `succeeded in ${against}`);
  if (missing !== undefined) return missing;
  const delayMs = delayOf(budget, plan);
  if (delayMs === undefined) return inconclusive(`the plan has no latency fault ${budget.fault ?? ''}`);

  const limitOf = (baseMs: number): number => (baseMs + budget.hops * delayMs) * budget.atMost + budget.slack;
  const before = quantileSpan(base.succeeded, q, 0);
  const beforeUpperMs = quantileSpan(base.succeeded, q, base.dropped).upperMs;
  const now = quantileSpan(tally.succeeded, q, tally.dropped);
  const [limitMs, limitUpperMs] = [limitOf(before.estimateMs), limitOf(beforeUpperMs)];
  const name = quantileName(q);
  const measured = `${shown(now.estimateMs)}, ${shown(before.estimateMs)} in ${against}`;
  const result = {
    measured: `${name} ${measured}`,
    events: tally.succeeded.count + tally.dropped,
    evidence: figures({
      quantile: q,
      valueMs: now.estimateMs,
      valueLowerMs: now.lowerMs,
      valueUpperMs: now.upperMs,
      againstMs: before.estimateMs,
      againstUpperMs: beforeUpperMs,
      limitMs,
      limitUpperMs,
      delayMs: budget.hops * delayMs,
      succeeded: tally.succeeded.count,
      failed: tally.failed.count,
      dropped: tally.dropped,
      againstSucceeded: base.succeeded.count,
      againstDropped: base.dropped,
    }),
  };
  const drops = tally.dropped > 0 ? ` (with ${count(tally.dropped, 'dropped iteration')})` : '';
  const text = `${name} ${shown(now.estimateMs)}${drops}, at most ${shown(limitMs)} allowed (${shown(before.estimateMs)} in ${against})`;
  if (now.estimateMs <= limitMs) return { outcome: 'pass', reason: text, ...result };
  if (now.lowerMs > limitUpperMs) return { outcome: 'fail', reason: text, ...result };
  return inconclusive(`${text}, but with this many events it may lie within the limit`, {
    ...result,
    hint: hintFor(now, limitMs, limitUpperMs, before.upperBucketMs * budget.atMost, {
      q,
      events: Math.min(tally.succeeded.count + tally.dropped, base.succeeded.count),
    }),
  });
}

function delayOf({ fault: name }: LatencyRiseBudget, plan: Plan): number | undefined {
  if (name === undefined) return 0;
  const fault = plan.faults.find((candidate) => candidate.name === name);
  return fault?.kind === 'latency' ? fault.latencyMs + fault.jitterMs : undefined;
}

/** Bounds come nearer with the root of the number of events, down to the width of the buckets. */
function hintFor(
  now: QuantileSpan,
  limitMs: number,
  limitUpperMs: number,
  limitBucketMs: number,
  { q, events }: { readonly q: number; readonly events: number },
): string {
  if (!Number.isFinite(limitUpperMs)) {
    return `each phase needs at least ${fewestForInterval(q)} requests, and the phase that is compared with no dropped iterations`;
  }
  if (!Number.isFinite(now.estimateMs)) {
    return 'it is the dropped iterations that make it endless: find out why they were, or send more for a sure answer';
  }
  const bucketsMs = now.lowerBucketMs + limitBucketMs;
  const samplingMs = now.estimateMs - now.lowerMs + (limitUpperMs - limitMs) - bucketsMs;
  const roomMs = now.estimateMs - limitMs - bucketsMs;
  const needed = Math.ceil((events * (Math.max(0, samplingMs) / roomMs) ** 2) / 100) * 100;
  if (roomMs > 0 && needed <= MOST_EVENTS) {
    return `if it goes on like this, ${Math.max(needed, events + 100)} requests in each phase decide it: make the phases longer or raise the rate`;
  }
  return 'it is at the limit itself: allow a larger `slack`';
}

function shown(ms: number): string {
  return Number.isFinite(ms) ? milliseconds(ms) : 'endless';
}
