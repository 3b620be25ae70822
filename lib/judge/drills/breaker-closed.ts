import { stepOf } from '../../../chaos/drills/drill.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { poissonUpper } from '../statistics/poisson.ts';
import { count } from '../words.ts';
import type { BreakerOn } from './breaker-opening.ts';
import { callRate, callsPerRequest, requestsIn } from './demand.ts';
import { CLOCK_MS, arrivals, hitBy } from './subject.ts';

/** A breaker that stayed closed let nearly all of the calls through. */
export const CLOSED_SHARE = 0.9;
const MIN_EXPECTED = 20;
/** A closed breaker's first call comes by then, after a fault that may be late and a pause between requests that come at random. */
const LATE_MS = 50;
const RANDOM_DISTANCES = 12;
/** Requests that come at random are more than reckoned with so rarely. */
const FALSE_ALARM = 1e-4;

/**
 * BRK-6, in a step that must not open it. Calls are counted from the first that the step's fault hit, as it may have been
 * open before, and against the requests that were surely sent since then. `tried`: with so many failures it was tried.
 */
export function staysClosed(subject: BreakerOn, step: 'below' | 'client-errors', tried: number): Finding {
  const { drill, plan } = subject;
  const { startMs, endMs, phase } = stepOf(drill, step);
  const hit = hitBy(subject, step);
  const [first] = hit;
  if (first === undefined) return inconclusive('no call failed: the breaker was not tried');
  const perRequest = callsPerRequest(subject, plan.load.steady) ?? 0;
  const beforeMs = Math.max(0, first.startMs - startMs);
  const perMs = callRate(subject, step, perRequest);
  const calls = arrivals(subject, first.startMs, endMs).length;
  const expected = Math.round(requestsIn(subject, phase) * perRequest) - poissonUpper(perMs * beforeMs, FALSE_ALARM);
  const result = {
    measured: `${calls} of ${Math.max(0, expected)} calls`,
    events: calls,
    evidence: figures({ calls, expectedCalls: expected, failedCalls: hit.length, firstFailureMs: beforeMs }),
  };
  if (expected < MIN_EXPECTED) {
    return inconclusive(
      `only ${Math.max(0, expected)} calls were to be expected, at least ${MIN_EXPECTED} are needed`,
      result,
    );
  }
  const text = `${calls} of at least ${expected} calls arrived, ${hit.length} of them answered with a failure`;
  if (calls >= CLOSED_SHARE * expected) {
    if (hit.length >= tried) return { outcome: 'pass', reason: text, ...result };
    return inconclusive(`only ${count(hit.length, 'call')} failed: the breaker was not tried`, result);
  }
  if (beforeMs > LATE_MS + RANDOM_DISTANCES / perMs) return inconclusive(`${text}: it was open before`, result);
  const row = step === 'below' ? longestRow(subject, first.startMs, endMs) : 0;
  if (row >= drill.threshold) {
    return inconclusive(`${text}, but answers may have overtaken one another to a row of ${row} failures`, {
      ...result,
      hint: 'lower the rate of the drill: its failures must lie further apart than answers take',
    });
  }
  return { outcome: 'fail', reason: text, ...result };
}

/**
 * The longest row of failures that the caller may have seen, by when calls ended: an answer ends a row only where clocks
 * leave no doubt that it came in between.
 */
function longestRow(subject: BreakerOn, fromMs: number, toMs: number): number {
  const ended = arrivals(subject, fromMs - subject.drill.callTimeout, toMs)
    .flatMap(({ endMs, outcome }) => (endMs === undefined ? [] : [{ endMs, failed: outcome !== 'answered' }]))
    .toSorted((a, b) => a.endMs - b.endMs);
  let [row, longest] = [0, 0];
  let lastFailedMs = Number.NEGATIVE_INFINITY;
  let answeredMs = Number.NEGATIVE_INFINITY;
  for (const { endMs, failed } of ended) {
    if (!failed) {
      // The earliest that is clearly after the last failure.
      if (endMs > lastFailedMs + CLOCK_MS && answeredMs < lastFailedMs) answeredMs = endMs;
      continue;
    }
    const broken = answeredMs > lastFailedMs + CLOCK_MS && answeredMs < endMs - CLOCK_MS;
    row = broken ? 1 : row + 1;
    longest = Math.max(longest, row);
    lastFailedMs = endMs;
  }
  return longest;
}
