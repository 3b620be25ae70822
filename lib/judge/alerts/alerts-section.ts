import type { Check, Detail, Section } from '../../../reports/model/verdict.ts';
import type { AlertsObservation } from '../../observe/alerts/observation.ts';
import type { Observations } from '../../observe/observations.ts';
import type { Plan } from '../../plan/plan.ts';
import type { ExpectedAlert } from '../../plan/schema/alerts.ts';
import { sum } from '../tally.ts';
import { count, exactMilliseconds, milliseconds } from '../words.ts';
import { strayFirings } from './quiet.ts';
import { type AlertsSubject, type Force, alertName, earliestMs, forceOf, isOf, stretchesOf } from './subject.ts';

/** The report's part about alerts: which were expected and when they fired, and those that nobody expected. */
export function alertsSection(plan: Plan, observations: Observations, checks: readonly Check[]): Section | undefined {
  const { alerts } = plan;
  if (alerts === undefined) return undefined;
  const subject: AlertsSubject = { alerts, plan, observations };
  return {
    id: 'alerts',
    title: 'Alerts',
    note: noteOf(observations.alerts, subject),
    checks: checks.filter(({ kind }) => kind === 'alerts').map(({ id }) => id),
    details: [firingsTable(subject), ...alerts.expect.flatMap((expected) => stagesOf(expected, subject))],
  };
}

function noteOf(seen: AlertsObservation | undefined, { alerts }: AlertsSubject): string {
  if (seen === undefined) return 'Alerts were not watched.';
  const evaluations = sum(seen.rules, (rule) => rule.evaluations);
  const scraped = seen.scrapes.map(({ service, samples }) => `${service} ${samples} times`).join(', ');
  const own = 'groups' in alerts.prometheus ? alerts.prometheus : undefined;
  const faster =
    own === undefined || own.timeScale === 1
      ? ''
      : ` Windows of the rules pass ${own.timeScale} times as fast as in service.`;
  return (
    `Prometheus ${seen.version} evaluated ${count(seen.rules.length, 'rule')} (${evaluations} evaluations were seen)` +
    `${scraped === '' ? '' : ` and scraped ${scraped}`}.${faster}`
  );
}

/** What was expected first, each with its firings; then what fired beside that. */
function firingsTable(subject: AlertsSubject): Detail {
  const { alerts, observations } = subject;
  const firings = observations.alerts?.firings ?? [];
  const expected = alerts.expect.flatMap((expectation) => {
    const { during, within, resolves } = expectation;
    const ends = resolves === undefined ? '' : `, ends within ${exactMilliseconds(resolves)}`;
    const window = `${during}: within ${exactMilliseconds(within)}${ends}`;
    const stretches = stretchesOf(expectation, firings);
    const rows = stretches.map(({ fromMs, toMs }) => [alertName(expectation), window, at(fromMs), until(toMs)]);
    return rows.length === 0 ? [[alertName(expectation), window, 'did not fire', '–']] : rows;
  });
  const strays = strayFirings(subject);
  const others = firings
    .filter((firing) => !alerts.expect.some((expectation) => isOf(expectation, firing)))
    .map((firing) => [
      alertName(firing),
      strays.includes(firing) ? 'never' : 'a fault was in force',
      at(firing.firedMs),
      until(firing.resolvedMs ?? Infinity),
    ]);
  return {
    kind: 'table',
    title: 'When alerts fired',
    columns: ['alert', 'expected', 'fired at', 'resolved at'],
    rows: [...expected, ...others],
  };
}

function stagesOf(expected: ExpectedAlert, subject: AlertsSubject): Detail[] {
  const force = forceOf(expected.during, subject);
  if (force === undefined) return [];
  const { loadEndMs, alerts } = subject.observations;
  const fired = stretchesOf(expected, alerts?.firings ?? []).find(({ fromMs }) => fromMs >= earliestMs(force));
  if (fired === undefined) return [];
  const firedMs = Math.max(force.fromMs, fired.fromMs);
  const endMs = Math.min(fired.toMs, loadEndMs);
  return [
    {
      kind: 'stages',
      title: `${alertName(expected)} and ${expected.during}`,
      stages: stages(force, firedMs, endMs, fired.toMs > loadEndMs),
      ...(expected.resolves === undefined ? {} : { limitMs: force.toMs + expected.resolves }),
    },
  ];
}

function stages({ fromMs, toMs }: Force, firedMs: number, endMs: number, stillFires: boolean) {
  const window = (name: string, startMs: number, stopMs: number) => ({
    name,
    startMs,
    endMs: stopMs,
    detail: milliseconds(stopMs - startMs),
  });
  const goneMs = Math.max(firedMs, Math.min(toMs, endMs));
  return [
    window('until it fires', fromMs, firedMs),
    window('fires', firedMs, goneMs),
    ...(endMs > goneMs ? [window(stillFires ? 'still fires' : 'until it resolves', goneMs, endMs)] : []),
  ];
}

function at(ms: number): string {
  return ms < 0 ? `${milliseconds(-ms)} before the load` : milliseconds(ms);
}

function until(ms: number): string {
  return ms === Infinity ? 'not before the end' : at(ms);
}
