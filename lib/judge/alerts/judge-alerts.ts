import type { Check } from '../../../reports/model/verdict.ts';
import type { Observations } from '../../observe/observations.ts';
import type { Plan } from '../../plan/plan.ts';
import { asFarAsReached } from '../reached.ts';
import { safely } from '../safely.ts';
import { wholePhases } from '../whole-phases.ts';
import { exactMilliseconds } from '../words.ts';
import { fires } from './fires.ts';
import { quiet } from './quiet.ts';
import { resolves } from './resolves.ts';
import { type AlertsSubject, alertName, idsOf } from './subject.ts';

const ABOUT = { kind: 'alerts', catalogue: 'ALR-1' } as const;

/** Alerts that must fire and end, and those that must not fire at all (ALR-1). None where the plan doesn't ask for it. */
export function judgeAlerts(plan: Plan, observations: Observations): readonly Check[] {
  const { alerts } = plan;
  if (alerts === undefined) return [];
  const subject: AlertsSubject = { alerts, plan, observations };
  const ids = idsOf(alerts.expect);
  const expected = alerts.expect.flatMap((expectation, index) => {
    const { during, within, resolves: bound } = expectation;
    const [id, name] = [ids[index] ?? '', alertName(expectation)];
    const firesCheck = safely(
      {
        ...ABOUT,
        id: `${id}:fires`,
        title: `${name} fires during ${during}`,
        limit: `≤ ${exactMilliseconds(within)} after it begins`,
      },
      () => fires(expectation, subject),
    );
    if (bound === undefined) return [firesCheck];
    const limit = `≤ ${exactMilliseconds(bound)} after it is over`;
    const resolvesCheck = safely(
      { ...ABOUT, id: `${id}:resolves`, title: `${name} resolves after ${during}`, limit },
      () => resolves(expectation, bound, subject),
    );
    return [firesCheck, resolvesCheck];
  });
  return alerts.quiet ? [...expected, quietCheck(subject)] : expected;
}

function quietCheck(subject: AlertsSubject): Check {
  const { plan, observations } = subject;
  const check = safely(
    { ...ABOUT, id: 'alerts:quiet', title: 'no alert fires without a fault', limit: '0 alerts' },
    () => quiet(subject),
  );
  // One that fired did so, however early the load ended.
  if (check.outcome === 'fail') return check;
  const phases = wholePhases(plan).map(({ name }) => name);
  return asFarAsReached(check, phases, plan, observations.loadEndMs);
}
