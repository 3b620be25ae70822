import type { Attempt } from '../../observe/observations.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { count, milliseconds } from '../words.ts';
import type { BreakerOn, Opening } from './breaker-opening.ts';
import { forceOf, hitBy } from './subject.ts';

/** So many calls per free place must come while a probe hangs, or the load is too low to show that they are kept back. */
const CROWD = 2;
/** After its open time the next probe comes with the next request: this many usual distances, and a moment. */
const NEXT_DISTANCES = 10;
const NEXT_MS = 500;

/** BRK-4: against a callee that hangs. */
export function halfOpens(subject: BreakerOn, { perSecond }: Opening): Finding {
  const { halfOpen, openTime, callTimeout } = subject.drill;
  const { toMs } = forceOf(subject, 'hanging');
  const probes = hitBy(subject, 'hanging');
  const [first] = probes;
  if (first === undefined) {
    return inconclusive('no probe reached the hanging callee', {
      hint: 'its open time may be longer than declared; BRK-5 tells whether it recovers at all',
    });
  }
  const most = mostAtOnce(probes, toMs);
  const longestMs = probes.reduce((ms, { startMs, endMs = toMs }) => Math.max(ms, endMs - startMs), 0);
  const result = {
    measured: `${most} at once, ${count(probes.length, 'probe')}`,
    events: probes.length,
    evidence: figures({ probes: probes.length, mostAtOnce: most, halfOpenCap: halfOpen, longestProbeMs: longestMs }),
  };
  const text = `at most ${most} of ${count(probes.length, 'probe')} hung at the same time`;
  if (most > halfOpen) return { outcome: 'fail', reason: text, ...result };
  const dueMs = first.startMs + callTimeout + openTime + NEXT_MS + (NEXT_DISTANCES * 1_000) / perSecond;
  const firstGo = probes.filter(({ startMs }) => startMs < first.startMs + callTimeout);
  if (firstGo.length === probes.length && dueMs < toMs) {
    if (longestMs > callTimeout + NEXT_MS) {
      return inconclusive(
        `the first probe was not given up for ${milliseconds(longestMs)}: a call without its time-out is TMO-1's, and no other could show what the breaker does`,
        result,
      );
    }
    const reason = `no probe came after the first had hung for ${milliseconds(longestMs)}, though there were ${milliseconds(toMs - first.startMs)} for it: a hung probe wedges it`;
    return { outcome: 'fail', reason, ...result };
  }
  const crowd = (perSecond * callTimeout) / 1_000;
  if (crowd < CROWD * halfOpen) {
    return inconclusive(`${text}, but only ${crowd.toFixed(1)} calls were to be expected while one does`, {
      ...result,
      hint: 'raise the load of the operation whose requests need the edge',
    });
  }
  return { outcome: 'pass', reason: text, ...result };
}

/** Ends come before starts at the same time. */
export function mostAtOnce(calls: readonly Attempt[], openEndMs: number): number {
  const changes = calls
    .flatMap(({ startMs, endMs = openEndMs }) => [
      { atMs: startMs, change: 1 },
      { atMs: Math.max(startMs, endMs), change: -1 },
    ])
    .toSorted((a, b) => a.atMs - b.atMs || a.change - b.change);
  let [now, most] = [0, 0];
  for (const { change } of changes) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}
