import type { ExpectedAlert } from '../../plan/schema/alerts.ts';
import { doubtOfMachine } from '../contention.ts';
import { judgeFaultEffect } from '../fault-effect.ts';
import { type Finding, figures, inconclusive } from '../finding.ts';
import { exactMilliseconds, milliseconds, percent } from '../words.ts';
import { seenByClients, timesOver, viewText, worstOf } from './clients.ts';
import { type AlertsSubject, type Force, earliestMs, forceOf, secondsIn, stretchesOf } from './subject.ts';
import { notWatched } from './watched.ts';

/** With fewer requests than this, clients have seen nothing that an alert could be asked to tell. */
const LEAST_EVENTS = 20;
/** However lenient a budget is, so much must be bad. */
const MOST_BAD = 0.9;

/**
 * Did it fire in time? It is red only where there was something to tell: the fault was felt, and clients saw a steady budget
 * broken `burn` times over (by k6's own figures, never by the metrics that the rules read).
 */
export function fires(expected: ExpectedAlert, subject: AlertsSubject): Finding {
  const { during, within } = expected;
  const force = forceOf(during, subject);
  if (force === undefined) return inconclusive(`not reached: ${during} never came`, { measured: 'not reached' });
  const unseen = notWatched(subject) ?? notFelt(during, subject);
  if (unseen !== undefined) return unseen;
  const stretches = stretchesOf(expected, subject.observations.alerts?.firings ?? []);
  const before = stretches.find(({ fromMs, toMs }) => fromMs < earliestMs(force) && toMs > force.fromMs);
  if (before !== undefined) {
    const hint = 'what made it fire before is told by alerts:quiet';
    return inconclusive(`it was firing already when ${during} came, since ${milliseconds(before.fromMs)}`, { hint });
  }
  const first = stretches.find(({ fromMs }) => fromMs >= earliestMs(force));
  const afterMs = first === undefined ? undefined : Math.max(0, first.fromMs - force.fromMs);
  const worst = worstOf(clientsDuring(force, within, subject));
  const result = {
    measured: afterMs === undefined ? 'did not fire' : `after ${milliseconds(afterMs)}`,
    events: worst?.total ?? 0,
    evidence: figures({
      withinMs: within,
      fromMs: force.fromMs,
      firedMs: first?.fromMs,
      firedAfterMs: afterMs,
      clientsBad: worst?.surely,
      clientsTotal: worst?.total,
      clientsTimesOver: worst === undefined ? undefined : timesOver(worst),
    }),
  };
  if (afterMs !== undefined && afterMs <= within) {
    return { outcome: 'pass', reason: `fired ${milliseconds(afterMs)} after ${during} began`, ...result };
  }
  if (force.fromMs + within > subject.observations.loadEndMs) {
    return inconclusive('the load ended before it had to fire', result);
  }
  return unheard(expected, afterMs, { subject, force, result });
}

function unheard(
  { during, within, burn }: ExpectedAlert,
  afterMs: number | undefined,
  { subject, force, result }: { subject: AlertsSubject; force: Force; result: Omit<Finding, 'outcome' | 'reason'> },
): Finding {
  const worst = worstOf(clientsDuring(force, within, subject));
  if (worst === undefined || worst.total < LEAST_EVENTS) {
    return inconclusive('it did not fire in time, but there were too few requests to say that it had to', result);
  }
  const needed = Math.min(burn * worst.allowed, MOST_BAD);
  const how =
    afterMs === undefined ? 'it did not fire' : `it fired only ${milliseconds(afterMs)} after ${during} began`;
  if (worst.surely / worst.total <= needed) {
    return inconclusive(
      `${how}, but clients saw little that it could tell: ${viewText(worst)}, and more than ${percent(needed)} were needed`,
      { ...result, hint: 'make the fault hit more requests, or lower `burn`' },
    );
  }
  const reason = `${how}, though clients saw that ${viewText(worst)}; at most ${exactMilliseconds(within)} allowed`;
  // A busy machine makes it late; it keeps no alert from firing at all whose rules were evaluated all the time.
  const doubt = afterMs === undefined ? undefined : doubtOfMachine(subject.plan, subject.observations);
  if (doubt !== undefined) {
    return inconclusive(`would fail (${reason}), but ${doubt.reason}`, { ...result, hint: doubt.hint });
  }
  const hint = "compare the rule with the services' metrics: do they count what clients see?";
  return { outcome: 'fail', reason, hint, ...result };
}

function clientsDuring({ fromMs, toMs }: Force, within: number, subject: AlertsSubject) {
  return seenByClients(subject.plan, secondsIn(subject, fromMs, Math.min(toMs, fromMs + within)));
}

function notFelt(during: string, { plan, observations }: AlertsSubject): Finding | undefined {
  const fault = plan.faults.find(({ name }) => name === during);
  if (fault === undefined) return undefined;
  const { outcome, reason, measured } = judgeFaultEffect(fault, plan, observations);
  return outcome === 'pass' ? undefined : inconclusive(`${during}: ${reason}`, { measured });
}
