import type { Firing } from '../../observe/alerts/observation.ts';
import { type Finding, figures, inconclusive } from '../finding.ts';
import { sum } from '../tally.ts';
import { count, milliseconds } from '../words.ts';
import { seenByClients, surelyHeld, viewText } from './clients.ts';
import { type AlertsSubject, type Force, alertName, earliestMs, forceOf, isOf, secondsIn } from './subject.ts';
import { notWatched } from './watched.ts';

/** Less time without a fault shows nothing. */
const LEAST_CALM_MS = 5_000;
const NAMED = 3;

/**
 * Did any alert fire that nobody had a reason for? Firings that begin while a fault is in force (or until the alerts that are
 * expected of it are due to end) are not looked at. It is red only where clients saw nothing wrong in all the time that the
 * alert's rules look back on: an alert that tells the truth is no false alarm.
 */
export function quiet(subject: AlertsSubject): Finding {
  const { observations, alerts } = subject;
  const unseen = notWatched(subject);
  if (unseen !== undefined) return unseen;
  const firings = observations.alerts?.firings ?? [];
  const strays = strayFirings(subject);
  const disturbed = disturbances(subject);
  const calmMs = calmTimeMs(disturbed, observations.loadEndMs);
  const evaluations = sum(observations.alerts?.rules ?? [], (rule) => rule.evaluations);
  const [early, guilty, truthful] = [[], [], []] as [Firing[], Firing[], Firing[]];
  for (const firing of strays) {
    if (firing.firedMs < 0) early.push(firing);
    else if (clientsWereWell(firing, subject)) guilty.push(firing);
    else truthful.push(firing);
  }
  const result = {
    measured: count(strays.length, 'alert'),
    events: evaluations,
    evidence: figures({
      watched: alerts.watched.length,
      firings: firings.length,
      strays: strays.length,
      calmMs,
      first: strays[0] === undefined ? undefined : alertName(strays[0]),
      firstMs: strays[0]?.firedMs,
    }),
  };
  if (guilty.length > 0) {
    const hint = "compare the rule with the services' metrics: do they count what clients see?";
    return { outcome: 'fail', reason: `${named(guilty)}, while clients saw nothing wrong`, hint, ...result };
  }
  if (truthful.length > 0) {
    const [first] = truthful;
    const views = first === undefined ? [] : seenByClients(subject.plan, lookedBackOn(first, subject));
    const bad = views.find((view) => !surelyHeld(view));
    const saw = bad === undefined ? '' : `: ${viewText(bad)}`;
    return inconclusive(`${named(truthful)}, but clients saw something wrong too${saw}`, result);
  }
  if (early.length > 0) {
    return inconclusive(`${named(early)}, and still fired under load`, {
      ...result,
      hint: 'a rule that fires without any history needs a `for`, or `unless` there is one',
    });
  }
  if (calmMs < LEAST_CALM_MS) {
    return inconclusive(`only ${milliseconds(calmMs)} were without a fault`, {
      ...result,
      hint: 'let the steady phase be longer',
    });
  }
  const time = milliseconds(calmMs);
  return {
    outcome: 'pass',
    reason: `none of ${count(alerts.watched.length, 'alert')} fired in ${time} without a fault`,
    ...result,
  };
}

/** Firings under load that began while nothing was there that they could have told of. */
export function strayFirings(subject: AlertsSubject): readonly Firing[] {
  const disturbed = disturbances(subject);
  return (subject.observations.alerts?.firings ?? []).filter((firing) => {
    const { firedMs, resolvedMs = Infinity } = firing;
    if (resolvedMs <= 0) return false;
    const isIn = ({ fromMs, toMs }: Force) => firedMs >= fromMs && firedMs <= toMs;
    return !disturbed.some(isIn) && !expectedTimes(firing, subject).some(isIn);
  });
}

/** Faults and expected disturbances, with the time that the alerts expected of them may take to end. */
function disturbances(subject: AlertsSubject): readonly Force[] {
  const { alerts, observations } = subject;
  const names = new Set([...observations.faults.map(({ name }) => name), ...alerts.expect.map(({ during }) => during)]);
  return [...names].flatMap((name) => {
    const force = forceOf(name, subject);
    if (force === undefined) return [];
    const of = alerts.expect.filter(({ during }) => during === name);
    const tailMs = of.reduce((longest, { resolves = 0 }) => Math.max(longest, resolves), 0);
    return [{ fromMs: earliestMs(force), toMs: force.toMs + tailMs }];
  });
}

/** When this very alert may begin: one without a bound may also later come back. */
function expectedTimes(firing: Firing, subject: AlertsSubject): readonly Force[] {
  return subject.alerts.expect.flatMap((expected) => {
    if (!isOf(expected, firing)) return [];
    const force = forceOf(expected.during, subject);
    if (force === undefined) return [];
    const toMs = expected.resolves === undefined ? Infinity : force.toMs + expected.resolves;
    return [{ fromMs: earliestMs(force), toMs: Math.max(toMs, force.fromMs + expected.within) }];
  });
}

function clientsWereWell(firing: Firing, subject: AlertsSubject): boolean {
  return seenByClients(subject.plan, lookedBackOn(firing, subject)).every(surelyHeld);
}

/** Metrics of a second may come in the next one; a rule whose reach is not known may have seen all. */
function lookedBackOn({ alert, firedMs }: Firing, subject: AlertsSubject) {
  const lookbackMs = subject.alerts.watched.find((watched) => watched.alert === alert)?.lookbackMs ?? Infinity;
  return secondsIn(subject, Math.max(0, firedMs - lookbackMs - 1_000), firedMs + 1_000);
}

function calmTimeMs(disturbed: readonly Force[], loadEndMs: number): number {
  let [calmMs, atMs] = [0, 0];
  for (const { fromMs, toMs } of disturbed.toSorted((a, b) => a.fromMs - b.fromMs)) {
    calmMs += Math.max(0, Math.min(fromMs, loadEndMs) - atMs);
    atMs = Math.max(atMs, toMs);
  }
  return calmMs + Math.max(0, loadEndMs - atMs);
}

function named(firings: readonly Firing[]): string {
  const shown = firings.slice(0, NAMED).map((firing) => `${alertName(firing)} fired at ${at(firing.firedMs)}`);
  const more = firings.length > NAMED ? `, and ${firings.length - NAMED} more` : '';
  return `${shown.join(', ')}${more}`;
}

function at(firedMs: number): string {
  return firedMs < 0 ? `${milliseconds(-firedMs)} before the load's start` : milliseconds(firedMs);
}
