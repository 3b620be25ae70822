import type { Check } from '../../../reports/model/verdict.ts';
import { stepOf } from '../../../chaos/drills/drill.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import { countBelow } from '../../observe/histogram.ts';
import type { Attempt } from '../../observe/observations.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { goodEvents } from '../good-events.ts';
import { tallyPhase } from '../tally.ts';
import { count, exactMilliseconds, milliseconds, percent } from '../words.ts';
import { type DrillOn, arrivals, drillCheck, forceOf, hitBy } from './subject.ts';

type TimeoutOn = DrillOn<Drill<'timeout'>>;

const IN_TIME_SHARE = 0.999;
const PROPAGATED_SHARE = 0.999;
/** Fewer calls that hung than this show little. */
const MIN_HUNG = 20;
/** One or two late requests may be the machine's; red needs as many. */
const MIN_LATE = 3;

/** TMO-1 of one edge. */
export function judgeTimeout(subject: TimeoutOn): readonly Check[] {
  const { deadline, slack } = subject.drill;
  const steps = ['hanging', 'settle'];
  const common = { catalogue: 'TMO-1', steps };
  return [
    drillCheck(
      subject,
      {
        ...common,
        id: 'ends',
        title: 'every request ends by its deadline',
        limit: `≥ ${percent(IN_TIME_SHARE)} in under ${exactMilliseconds(deadline + slack)}`,
      },
      () => ends(subject),
    ),
    drillCheck(
      subject,
      {
        ...common,
        id: 'starts',
        title: 'no call starts after the deadline',
        limit: `none later than ${exactMilliseconds(deadline + slack)} after the request's first`,
      },
      () => starts(subject),
    ),
    drillCheck(
      subject,
      {
        ...common,
        id: 'propagates',
        title: 'calls say how long they will wait',
        limit: `≥ ${percent(PROPAGATED_SHARE)} of the calls, at most ${exactMilliseconds(deadline)}`,
      },
      () => propagates(subject),
    ),
  ];
}

/** The calls of the drill, with those by which its last requests end; too few that were never answered: a finding. */
function hungCalls(subject: TimeoutOn): { readonly calls: readonly Attempt[]; readonly missing: Finding | undefined } {
  const calls = arrivals(subject, forceOf(subject, 'hanging').fromMs, stepOf(subject.drill, 'settle').endMs);
  const hung = hitBy(subject, 'hanging').length;
  return {
    calls,
    missing:
      hung >= MIN_HUNG
        ? undefined
        : inconclusive(`only ${count(hung, 'call')} hung, at least ${MIN_HUNG} are needed`, {
            events: hung,
            hint: 'raise the load of the operation, the share, or the time',
          }),
  };
}

function ends(subject: TimeoutOn): Finding {
  const { drill, on, observations } = subject;
  const { missing } = hungCalls(subject);
  if (missing !== undefined) return missing;
  const limitMs = drill.deadline + drill.slack;
  const tally = tallyPhase(observations.seconds, stepOf(drill, 'hanging').phase, on);
  const requests = tally.succeeded.count + tally.failed.count;
  const [good, failed] = [goodEvents(tally, limitMs), countBelow(tally.failed, limitMs / 1_000)];
  const late = { low: requests - good.high - failed.high, high: requests - good.low - failed.low };
  const allowed = (1 - IN_TIME_SHARE) * requests;
  const result = {
    measured: `${late.high} of ${requests} late`,
    events: requests,
    evidence: figures({ requests, lateLow: late.low, lateHigh: late.high, limitMs, allowed }),
  };
  const text = `${late.high} of ${requests} requests took ${exactMilliseconds(limitMs)} or more`;
  if (late.high <= allowed) return { outcome: 'pass', reason: text, ...result };
  if (late.low > allowed && late.low >= MIN_LATE) return { outcome: 'fail', reason: text, ...result };
  return inconclusive(`${text}: too few to tell a rule from an accident`, result);
}

/**
 * Calls with the same trace id are made for the same request. When that began is not seen on the edge, so that its first
 * call's start stands for it; the slack is the caller's, whose timers may be late.
 */
function starts(subject: TimeoutOn): Finding {
  const { calls, missing } = hungCalls(subject);
  if (missing !== undefined) return missing;
  const limitMs = subject.drill.deadline + subject.drill.slack;
  const traced = calls.filter(({ traceId }) => traceId !== undefined);
  if (traced.length < calls.length) {
    return inconclusive(`${calls.length - traced.length} of ${calls.length} calls carry no trace id`, {
      hint: 'pass on W3C trace context: without it calls of one request cannot be told from those of another',
    });
  }
  let [late, latestMs] = [0, 0];
  for (const ofRequest of Map.groupBy(traced, ({ traceId }) => traceId).values()) {
    const firstMs = ofRequest[0]?.startMs ?? 0;
    for (const { startMs } of ofRequest) {
      latestMs = Math.max(latestMs, startMs - firstMs);
      if (startMs - firstMs > limitMs) late += 1;
    }
  }
  const result = {
    measured: `latest ${milliseconds(latestMs)} after the first`,
    events: traced.length,
    evidence: figures({ calls: traced.length, lateCalls: late, latestMs, limitMs }),
  };
  const text = `${late} of ${traced.length} calls started after the deadline, the latest ${milliseconds(latestMs)} after its request's first`;
  return { outcome: late === 0 ? 'pass' : 'fail', reason: text, ...result };
}

function propagates(subject: TimeoutOn): Finding {
  const { drill, plan, on } = subject;
  const { calls, missing } = hungCalls(subject);
  if (missing !== undefined) return missing;
  const edge = plan.system.edges[on.edge];
  if (edge?.protocol === 'http' && edge.tap.timeoutHeader === undefined) {
    return inconclusive('it is not known in which header calls over HTTP say how long they will wait', {
      hint: `set \`tap.timeoutHeader\` of the edge ${on.edge}`,
    });
  }
  const silent = calls.filter(({ timeoutMs }) => timeoutMs === undefined).length;
  const longestMs = calls.reduce((most, { timeoutMs = 0 }) => Math.max(most, timeoutMs), 0);
  const tooLong = calls.filter(({ timeoutMs = 0 }) => timeoutMs > drill.deadline + drill.slack).length;
  const good = calls.length - silent - tooLong;
  const result = {
    measured: `${good} of ${calls.length}, the longest ${milliseconds(longestMs)}`,
    events: calls.length,
    evidence: figures({ calls: calls.length, withoutDeadline: silent, tooLong, longestMs, deadlineMs: drill.deadline }),
  };
  const text = `of ${calls.length} calls ${silent} say nothing and ${tooLong} more than the deadline; the longest says ${milliseconds(longestMs)}`;
  return { outcome: good >= PROPAGATED_SHARE * calls.length ? 'pass' : 'fail', reason: text, ...result };
}
