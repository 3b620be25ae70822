import type { Firing } from '../../observe/alerts/observation.ts';
import type { Observations, Second } from '../../observe/observations.ts';
import type { Plan } from '../../plan/plan.ts';
import type { AlertsPlan, ExpectedAlert } from '../../plan/schema/alerts.ts';

/** A fault is there a little before its injection is known to be done. */
const EARLY_MS = 1_000;

/** What the checks of alerts are about. */
export interface AlertsSubject {
  readonly alerts: AlertsPlan;
  readonly plan: Plan;
  readonly observations: Observations;
}

/** When something that an alert has to tell of was in force. */
export interface Force {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Of a fault as it was seen, of a phase as it was planned; undefined: it was not reached. */
export function forceOf(during: string, { plan, observations }: AlertsSubject): Force | undefined {
  const { faults, loadEndMs } = observations;
  if (plan.faults.some(({ name }) => name === during)) {
    const seen = faults.find(({ name }) => name === during);
    return seen?.injectedMs === undefined ? undefined : { fromMs: seen.injectedMs, toMs: seen.removedMs ?? loadEndMs };
  }
  const phase = plan.load.phases.find(({ name }) => name === during);
  return phase === undefined || phase.startMs >= loadEndMs
    ? undefined
    : { fromMs: phase.startMs, toMs: Math.min(phase.endMs, loadEndMs) };
}

/** From when on a firing counts as the answer to it. */
export function earliestMs({ fromMs }: Force): number {
  return fromMs - EARLY_MS;
}

export function isOf(expected: ExpectedAlert, { alert, labels }: Firing): boolean {
  return alert === expected.alert && Object.entries(expected.labels).every(([name, value]) => labels[name] === value);
}

/** Stretches in which at least one instance of the alert fired, by time, those that touch each other as one. */
export function stretchesOf(expected: ExpectedAlert, firings: readonly Firing[]): readonly Force[] {
  const own = firings.filter((firing) => isOf(expected, firing)).toSorted((a, b) => a.firedMs - b.firedMs);
  const stretches: { fromMs: number; toMs: number }[] = [];
  for (const { firedMs: fromMs, resolvedMs: toMs = Infinity } of own) {
    const open = stretches.at(-1);
    if (open !== undefined && fromMs <= open.toMs) open.toMs = Math.max(open.toMs, toMs);
    else stretches.push({ fromMs, toMs });
  }
  return stretches;
}

/** Seconds that lie in a stretch of time with more than their half. */
export function secondsIn({ observations }: AlertsSubject, fromMs: number, toMs: number): readonly Second[] {
  return observations.seconds.filter(({ t }) => t * 1_000 + 500 >= fromMs && t * 1_000 + 500 < toMs);
}

/** "ErrorBudgetBurn", "ErrorBudgetBurn {severity=page}". */
export function alertName({ alert, labels }: Pick<ExpectedAlert, 'alert' | 'labels'>): string {
  const text = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return text.length === 0 ? alert : `${alert} {${text.join(', ')}}`;
}

/** "alerts:ErrorBudgetBurn:page"; what it tells of is added where that is needed to keep it apart. */
export function idsOf(expect: readonly ExpectedAlert[]): readonly string[] {
  const short = expect.map(({ alert, labels }) => ['alerts', alert, ...Object.values(labels)].join(':'));
  return short.map((id, index) =>
    short.filter((other) => other === id).length === 1 ? id : `${id}:${expect[index]?.during ?? index}`,
  );
}
