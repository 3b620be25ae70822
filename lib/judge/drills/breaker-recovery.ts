import { stepOf } from '../../../chaos/drills/drill.ts';
import type { Attempt } from '../../observe/observations.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { poissonLower, poissonUpper } from '../statistics/poisson.ts';
import { count, milliseconds, perSecond } from '../words.ts';
import type { BreakerOn } from './breaker-opening.ts';
import { callRate, callsPerRequest } from './demand.ts';
import { arrivals, forceOf } from './subject.ts';

/** After its bound a breaker that is closed lets (nearly) everything through. */
const BACK_SHARE = 0.9;
export const BACK_SLACK_MS = 500;
export const SUCCESS_SHARE = 0.99;
const MAX_REOPENINGS = 1;
const MIN_EXPECTED = 20;
/** Requests that come at random are fewer than this so rarely. */
const FALSE_ALARM = 1e-4;
/** Of random arrivals a pause of so many usual distances comes once in e¹², some 160,000. */
const RANDOM_DISTANCES = 12;

/** BRK-5 */
export function recovers(subject: BreakerOn): Finding {
  const { drill, plan } = subject;
  const { openTime, callTimeout } = drill;
  const healed = stepOf(drill, 'healed');
  const healedMs = forceOf(subject, 'hanging').toMs;
  const backMs = healedMs + openTime + callTimeout + BACK_SLACK_MS;
  const perMs = callRate(subject, 'healed', callsPerRequest(subject, plan.load.steady) ?? 1);
  const expected = Math.max(0, perMs * (healed.endMs - backMs));
  // What the run's end cut off says nothing.
  const ended = arrivals(subject, healedMs, healed.endMs).filter(({ endMs }) => endMs !== undefined);
  const calls = ended.filter(({ startMs }) => startMs >= backMs);
  const well = calls.filter(isWell).length;
  const first = ended.find(isWell);
  const reopenings = pausesLongerThan(
    Math.max(openTime / 2, RANDOM_DISTANCES / perMs),
    ended.filter(({ startMs }) => startMs >= (first?.startMs ?? healed.endMs)),
  );
  const result = {
    measured: `${calls.length} of ${Math.round(expected)} calls, ${well} well`,
    events: Math.round(expected),
    evidence: figures({
      healedMs,
      boundMs: backMs,
      firstWellMs: first?.startMs,
      callsAfterBound: calls.length,
      expectedCalls: expected,
      wellAfterBound: well,
      reopenings,
    }),
  };
  if (expected < MIN_EXPECTED) return inconclusive(`only ${Math.round(expected)} calls were to be expected`, result);
  const text = `from ${milliseconds(backMs - healedMs)} after it was well ${calls.length} of about ${Math.round(expected)} calls arrived (${perSecond(perMs * 1_000)} usual), ${well} of them well; ${count(reopenings, 'more opening')}`;
  const isBack = calls.length >= poissonLower(BACK_SHARE * expected, FALSE_ALARM);
  const ill = calls.length - well;
  const mostIll = poissonUpper((1 - SUCCESS_SHARE) * calls.length, FALSE_ALARM);
  if (!isBack || ill > mostIll || reopenings > MAX_REOPENINGS) return { outcome: 'fail', reason: text, ...result };
  if (well >= SUCCESS_SHARE * calls.length) return { outcome: 'pass', reason: text, ...result };
  return inconclusive(`${text}: too few were not to tell a rule from an accident`, result);
}

function isWell({ outcome }: Attempt): boolean {
  return outcome === 'answered';
}

function pausesLongerThan(limitMs: number, calls: readonly Attempt[]): number {
  return calls.filter(({ startMs }, index) => startMs - (calls[index - 1]?.startMs ?? startMs) > limitMs).length;
}
