import type { ExpectedAlert } from '../../plan/schema/alerts.ts';
import { doubtOfMachine } from '../contention.ts';
import { type Finding, figures, inconclusive } from '../finding.ts';
import { exactMilliseconds, milliseconds } from '../words.ts';
import { seenByClients, surelyHeld } from './clients.ts';
import { type AlertsSubject, type Force, earliestMs, forceOf, secondsIn, stretchesOf } from './subject.ts';
import { notWatched } from './watched.ts';

/**
 * Did it end in time? It passes when it ended within its bound after the fault was gone. It is red only when it still fired
 * that long after clients had last seen anything wrong: an alert may not be blamed for a system that takes its time.
 */
export function resolves(expected: ExpectedAlert, bound: number, subject: AlertsSubject): Finding {
  const { during } = expected;
  const { observations } = subject;
  const force = forceOf(during, subject);
  if (force === undefined) return inconclusive(`not reached: ${during} never came`, { measured: 'not reached' });
  const unseen = notWatched(subject);
  if (unseen !== undefined) return unseen;
  const dueMs = force.toMs + bound;
  const stretches = stretchesOf(expected, observations.alerts?.firings ?? []);
  const fired = stretches.findLast(({ fromMs }) => fromMs >= earliestMs(force) && fromMs <= dueMs);
  if (fired === undefined) {
    const before = stretches.some(({ fromMs, toMs }) => fromMs < earliestMs(force) && toMs > force.fromMs);
    return inconclusive(
      before ? `it was firing already when ${during} came` : 'it did not fire, so that there was nothing to resolve',
    );
  }

  const endMs = Math.min(fired.toMs, observations.loadEndMs);
  const stillFires = fired.toMs > observations.loadEndMs;
  const afterMs = Math.max(0, endMs - force.toMs);
  const wellMs = wellAgainMs(force, subject);
  const result = {
    measured: stillFires ? `> ${milliseconds(afterMs)}` : `after ${milliseconds(afterMs)}`,
    events: subject.observations.alerts?.firings.length ?? 0,
    evidence: figures({
      resolvesMs: bound,
      goneMs: force.toMs,
      firedMs: fired.fromMs,
      resolvedMs: stillFires ? undefined : endMs,
      resolvedAfterMs: stillFires ? undefined : afterMs,
      clientsWellAgainMs: wellMs,
    }),
  };
  if (!stillFires && endMs <= dueMs) {
    return { outcome: 'pass', reason: `resolved ${milliseconds(afterMs)} after ${during} was over`, ...result };
  }
  const how = stillFires
    ? `it still fired when the load ended, ${milliseconds(afterMs)} after ${during} was over`
    : `it resolved only ${milliseconds(afterMs)} after ${during} was over`;
  const other = observations.faults.find(
    ({ name, injectedMs = Infinity, removedMs = Infinity }) =>
      name !== during && injectedMs < dueMs && removedMs > force.toMs,
  );
  if (other !== undefined) return inconclusive(`${how}, but ${other.name} was in force meanwhile`, result);
  if (endMs < wellMs + bound) {
    const hint = 'let the last phase be longer, or allow for the time that the system itself needs';
    const why = `clients saw something wrong until ${milliseconds(Math.max(0, wellMs - force.toMs))} after it`;
    return inconclusive(`${how}, but ${why}: it cannot be told whether the alert took too long`, { ...result, hint });
  }
  const reason = `${how}; at most ${exactMilliseconds(bound)} allowed`;
  const doubt = doubtOfMachine(subject.plan, observations);
  if (doubt !== undefined)
    return inconclusive(`would fail (${reason}), but ${doubt.reason}`, { ...result, hint: doubt.hint });
  return { outcome: 'fail', reason, hint: 'shorten the short window of its rule, or its `keep_firing_for`', ...result };
}

/** The end of the last second after the fault in which clients may have seen a steady budget broken. */
function wellAgainMs({ toMs }: Force, subject: AlertsSubject): number {
  const bad = secondsIn(subject, toMs, subject.observations.loadEndMs).findLast((second) =>
    seenByClients(subject.plan, [second]).some((view) => !surelyHeld(view)),
  );
  return bad === undefined ? toMs : (bad.t + 1) * 1_000;
}
