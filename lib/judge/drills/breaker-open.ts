import { stepOf } from '../../../chaos/drills/drill.ts';
import { countBelow } from '../../observe/histogram.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { goodEvents } from '../good-events.ts';
import { tallyPhase } from '../tally.ts';
import { count, exactMilliseconds, milliseconds } from '../words.ts';
import type { BreakerOn, Opening, OpeningSeen } from './breaker-opening.ts';
import { leastPauseMs } from './goes.ts';
import { CLOCK_MS, arrivals, forceOf } from './subject.ts';

export const TYPED_SHARE = 0.999;
export const FAST_SHARE = 0.99;
const MIN_REQUESTS = 100;

const HINT_NEVER_REACHED =
  'raise the load of the operation whose requests need the edge, or check `calls` and `operation`';

/** Says what is missing where the breaker never had to open. */
export function whereReached(open: OpeningSeen, judge: (opening: Opening) => Finding): Finding {
  return 'missing' in open ? inconclusive(open.missing, { hint: HINT_NEVER_REACHED }) : judge(open);
}

/** What needs an open breaker can't be judged on one that never opened; that it didn't is BRK-1's. */
export function whereOpen(open: OpeningSeen, judge: (opening: Opening) => Finding): Finding {
  return whereReached(open, (opening) =>
    opening.opened
      ? judge(opening)
      : inconclusive('the breaker never opened, so nothing is known of what it does then'),
  );
}

/** BRK-1 */
export function opens({ drill }: BreakerOn, open: Opening): Finding {
  const { threshold, callTimeout } = drill;
  const { leaked, passed, offered, openedMs } = open;
  const leakLimit = threshold + Math.ceil((open.perSecond * callTimeout) / 1_000);
  const text = `${count(leaked, 'call')} leaked (at most ${leakLimit}), then ${passed} of ${offered} reached the callee`;
  return {
    outcome: leaked <= leakLimit && open.opened ? 'pass' : 'fail',
    reason: text,
    measured: `${leaked} leaked, then ${passed} of ${offered}`,
    events: leaked + offered,
    evidence: figures({
      openedMs,
      leakedCalls: leaked,
      leakLimit,
      passedCalls: passed,
      offeredCalls: offered,
      callsPerSecond: open.perSecond,
    }),
  };
}

/**
 * BRK-2. Calls that went through may have taken their time, and are left out: BRK-1 counts them. A breaker that never
 * opened refused nothing, however fast the callee failed.
 */
export function failsFast(subject: BreakerOn, open: Opening): Finding {
  const { drill, on, observations } = subject;
  const { phase, startMs, endMs } = stepOf(drill, 'failing');
  const tally = tallyPhase(observations.seconds, phase, on);
  const requests = tally.succeeded.count + tally.failed.count;
  if (requests < MIN_REQUESTS) {
    return inconclusive(`only ${requests} requests in ${phase}, at least ${MIN_REQUESTS} are needed`, {
      events: requests,
    });
  }
  const through = arrivals(subject, startMs - CLOCK_MS, endMs + CLOCK_MS).length;
  const kept = Math.max(0, requests - through);
  const fallsBack = drill.whileOpen === 'fallback';
  const failedBelow = countBelow(tally.failed, drill.failFast / 1_000);
  const good = goodEvents(tally, drill.failFast);
  const slow = { low: requests - good.high - failedBelow.high, high: requests - good.low - failedBelow.low };
  // The generator does not tell one failure from another: whatever failed was refused.
  const untyped = fallsBack ? tally.failed.count : tally.succeeded.count;
  const slowLimit = through + (1 - FAST_SHARE) * kept;
  const untypedLimit = through + (1 - TYPED_SHARE) * kept;
  const result = {
    measured: `${slow.high} slow, ${untyped} ${fallsBack ? 'failed' : 'answered'} of ${requests}`,
    events: requests,
    evidence: figures({
      requests,
      slowLow: slow.low,
      slowHigh: slow.high,
      untyped,
      callsThrough: through,
      failFastMs: drill.failFast,
    }),
  };
  if (!open.opened) {
    const reason = `it never opened: of ${requests} requests ${through} made a call that was to be kept back`;
    return { outcome: 'fail', reason, ...result };
  }
  const text = `of ${requests} requests ${slow.high} took ${exactMilliseconds(drill.failFast)} or more and ${untyped} were not ${fallsBack ? 'answered' : 'refused'}; ${through} calls went through`;
  if (slow.high <= slowLimit && untyped <= untypedLimit) return { outcome: 'pass', reason: text, ...result };
  if (slow.low > slowLimit || untyped > untypedLimit) return { outcome: 'fail', reason: text, ...result };
  return inconclusive(`${text}; too many lie in the limit's own bucket`, result);
}

/** BRK-3 */
export function holds(subject: BreakerOn, { quietMs, goes }: Opening): Finding {
  const { openTime } = subject.drill;
  const untilMs = Math.min(forceOf(subject, 'failing').toMs, stepOf(subject.drill, 'failing').endMs);
  const leastMs = leastPauseMs(openTime);
  let closedMs = quietMs;
  const pauses: number[] = [];
  for (const { startMs, endMs } of goes) {
    pauses.push(startMs - closedMs);
    closedMs = endMs;
  }
  // The pause that the step's end cut off has held as far as it goes.
  const heldMs = untilMs - closedMs;
  const whole = [...pauses, ...(heldMs >= leastMs ? [heldMs] : [])];
  if (whole.length === 0) return inconclusive('no open time was seen from its beginning to its end');
  const early = pauses.filter((ms) => ms < leastMs);
  const shortestMs = Math.min(...whole);
  return {
    outcome: early.length === 0 ? 'pass' : 'fail',
    reason: `${early.length} of ${whole.length} pauses shorter than ${exactMilliseconds(openTime)}, the shortest ${milliseconds(shortestMs)}`,
    measured: `shortest pause ${milliseconds(shortestMs)}, ${count(pauses.length, 'probe')}`,
    events: whole.length,
    evidence: figures({
      openings: whole.length,
      shortestPauseMs: shortestMs,
      earlyProbes: early.length,
      openTimeMs: openTime,
    }),
  };
}
