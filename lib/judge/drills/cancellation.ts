import type { Check } from '../../../reports/model/verdict.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import type { Attempt } from '../../observe/observations.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { count, exactMilliseconds, milliseconds } from '../words.ts';
import { CLOCK_MS, type DrillOn, drillCheck, forceOf } from './subject.ts';

/** TMO-2 of one edge. */
export function judgeCancellation(subject: DrillOn<Drill<'cancellation'>>): readonly Check[] {
  const { within } = subject.drill;
  return [
    drillCheck(
      subject,
      {
        id: 'given-up',
        catalogue: 'TMO-2',
        title: 'calls are given up when the client goes away',
        limit: `none in flight ${exactMilliseconds(within)} after it`,
        steps: ['canceled'],
      },
      () => givenUp(subject),
    ),
  ];
}

function givenUp(subject: DrillOn<Drill<'cancellation'>>): Finding {
  const { drill, on, observations } = subject;
  const sent = (observations.drills.find(({ drill: name }) => name === drill.name)?.requests ?? []).filter(
    ({ edge, role }) => edge === on.edge && role === 'canceled',
  );
  const answered = sent.filter(({ status }) => status !== 'canceled');
  const calls = observations.attempts.filter(({ edge }) => edge === on.edge);
  const endedMs = forceOf(subject, 'canceled').toMs;
  const endOf = ({ endMs = endedMs }: Attempt): number => endMs;
  const gone = sent.filter(({ status }) => status === 'canceled');
  // Of each client that went away: its calls that were in flight then, and those that were made for it after that.
  const left = gone.map(({ traceId, endMs: goneMs }) => {
    const own = traceId === undefined ? [] : calls.filter((call) => call.traceId === traceId);
    const wentOnMs = own
      .map((call) => endOf(call) - goneMs)
      .filter((ms) => ms >= -CLOCK_MS)
      .map((ms) => Math.max(0, ms));
    const inFlight = own.some((call) => call.startMs <= goneMs && endOf(call) >= goneMs - CLOCK_MS);
    return { wentOnMs, inFlight };
  });
  const withCall = left.filter(({ inFlight }) => inFlight).length;
  const wentOnMs = left.flatMap((client) => client.wentOnMs);
  const late = wentOnMs.filter((ms) => ms > drill.within);
  const longestMs = wentOnMs.reduce((most, ms) => Math.max(most, ms), 0);
  const result = {
    measured: `${late.length} of ${wentOnMs.length} went on, the longest for ${milliseconds(longestMs)}`,
    events: wentOnMs.length,
    evidence: figures({
      clients: sent.length,
      answeredBefore: answered.length,
      callsInFlight: wentOnMs.length,
      lateCalls: late.length,
      longestMs,
    }),
  };
  if (late.length === 0 && (withCall * 2 < sent.length || withCall === 0)) {
    const first = answered[0];
    return inconclusive(
      `only ${withCall} of ${count(sent.length, 'client')} had a call in flight when they went away${first === undefined ? '' : ` (${answered.length} were answered before: ${first.status})`}`,
      {
        ...result,
        hint: calls.some(({ traceId }) => traceId === undefined)
          ? 'pass on W3C trace context: without it calls of one client cannot be told from those of another'
          : "cancel sooner than the caller's own time-out for a call, and check `calls` and that the request needs the edge",
      },
    );
  }
  const text = `${wentOnMs.length} calls were in flight when their clients went away; the last ended ${milliseconds(longestMs)} later`;
  return { outcome: late.length === 0 ? 'pass' : 'fail', reason: text, ...result };
}
