import type { Check, Detail } from '../../../reports/model/verdict.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import type { DrillRequest } from '../../observe/observations.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { count, milliseconds } from '../words.ts';
import { type ReleaseDrill, type ReleasePicture, releaseCheck, seenBy } from './release.ts';

type GracefulStop = ReleaseDrill<Drill<'graceful-stop'>>;

const ROWS = 20;
/** The callee's own answer that it could not do it in time. */
const TOO_SLOW = /^HTTP (408|429|504)$|^(DEADLINE_EXCEEDED|RESOURCE_EXHAUSTED)$/;

/**
 * RBK-3 of a stop: every request that was sent a little before the signal, and had no answer yet, must be answered well. What
 * comes later may be refused: with one instance nobody else could take it.
 */
export function judgeGracefulStop(subject: GracefulStop): readonly Check[] {
  return subject.drill.services.map(({ service }) =>
    releaseCheck(
      subject,
      {
        id: `${service}:in-flight`,
        catalogue: 'RBK-3',
        title: `SIGTERM to ${service} loses no request in flight`,
        limit: '0 lost',
        steps: [service],
        service,
      },
      () => finding(subject, service),
    ),
  );
}

function finding(subject: GracefulStop, service: string): Finding {
  const stop = stopOf(subject, service);
  if (stop === undefined) return inconclusive(`${service} was not told to stop`, { measured: 'not reached' });
  const { drill } = subject;
  const { inFlight, lost, earlier } = stop;
  const result = {
    measured: `${lost.length} of ${count(inFlight.length, 'request')} in flight lost`,
    events: inFlight.length,
    evidence: figures({
      inFlight: inFlight.length,
      lost: lost.length,
      firstLost: lost[0]?.key,
      firstLostStatus: lost[0]?.status,
      stopMs: stop.endedMs === undefined ? undefined : stop.endedMs - stop.terminatedMs,
    }),
  };
  // A request that fails all the time shows nothing about a stop.
  if (earlier.some(({ ok }) => !ok) && earlier.every(({ ok }) => !ok)) {
    const reason = `the requests failed before the signal, too (${earlier[0]?.status})`;
    return inconclusive(reason, { ...result, hint: 'check the drill’s request: address, token, body' });
  }
  if (lost.length > 0) {
    const [first] = lost;
    const reason = `${count(lost.length, 'request')} in flight when SIGTERM came ended with ${first?.status}: ${lost
      .slice(0, 3)
      .map(({ key }) => key)
      .join(', ')}`;
    return { outcome: 'fail', reason, ...result };
  }
  if (inFlight.length < drill.atLeast) {
    return inconclusive(`only ${count(inFlight.length, 'request')} in flight when SIGTERM came`, {
      ...result,
      hint: 'take a request that lasts longer, send more of them, or send them within a shorter time',
    });
  }
  return { outcome: 'pass', reason: `all ${inFlight.length} requests in flight were answered`, ...result };
}

interface Stop {
  readonly terminatedMs: number;
  readonly endedMs: number | undefined;
  readonly inFlight: readonly DrillRequest[];
  readonly lost: readonly DrillRequest[];
  /** Answered before the signal. */
  readonly earlier: readonly DrillRequest[];
}

function stopOf(subject: GracefulStop, service: string): Stop | undefined {
  const { marks = [], requests = [] } = seenBy(subject) ?? {};
  const markOf = (event: string) => marks.find((mark) => mark.step === service && mark.event === event)?.atMs;
  const terminatedMs = markOf('terminated');
  if (terminatedMs === undefined) return undefined;
  const own = requests.filter(({ step }) => step === service);
  const before = own.filter(({ startMs }) => startMs <= terminatedMs - subject.drill.settled);
  // Refused because it was too late or too much is no loss: a stop does neither.
  const inFlight = before.filter(({ endMs, status }) => endMs > terminatedMs && !TOO_SLOW.test(status));
  return {
    terminatedMs,
    endedMs: markOf('ended'),
    inFlight,
    lost: inFlight.filter(({ ok }) => !ok),
    earlier: before.filter(({ endMs }) => endMs <= terminatedMs),
  };
}

/** The signals, and the requests that were lost. */
export function pictureGracefulStop(subject: GracefulStop): ReleasePicture {
  const { marks = [] } = seenBy(subject) ?? {};
  const details = subject.drill.services.flatMap(({ service }): Detail[] => {
    const stop = stopOf(subject, service);
    if (stop === undefined || stop.lost.length === 0) return [];
    return [
      {
        kind: 'table',
        title: `Requests that the stop of ${service} cost`,
        columns: ['Request', 'Sent before SIGTERM', 'Ended after SIGTERM', 'With'],
        rows: stop.lost
          .slice(0, ROWS)
          .map(({ key = '', startMs, endMs, status }) => [
            key,
            milliseconds(stop.terminatedMs - startMs),
            milliseconds(endMs - stop.terminatedMs),
            status,
          ]),
      },
    ];
  });
  return { marks: marks.map(({ atMs, text }) => ({ atMs, text })), details };
}
