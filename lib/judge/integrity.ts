import type { Check } from '../../reports/model/verdict.ts';
import type { Incident, Observations } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { badExit } from './k6-exit.ts';
import { safely } from './safely.ts';
import { count, milliseconds } from './words.ts';

/** The load's end is seen by the harness's clock: this much early is still its planned end. */
export const END_TOLERANCE_MS = 1_000;

/**
 * Did the run stay whole? A service of the system that died is red, whatever the load was. That the load ended early, or
 * that something other than the system broke, decides nothing about the system: inconclusive.
 */
export function judgeIntegrity(plan: Plan, observations: Observations): readonly Check[] {
  return [
    safely(
      {
        id: 'integrity:system',
        title: 'no service died during the run',
        kind: 'integrity',
        limit: 'no incident',
      },
      () => systemFinding(plan, observations),
    ),
    safely(
      {
        id: 'integrity:load',
        title: 'the load ran to its planned end',
        kind: 'integrity',
        limit: `k6 ends well after ${milliseconds(plannedEndMs(plan))}`,
      },
      () => loadFinding(plan, observations),
    ),
  ];
}

export function plannedEndMs(plan: Plan): number {
  return plan.load.phases.reduce((end, phase) => Math.max(end, phase.endMs), 0);
}

function systemFinding(plan: Plan, { incidents, seconds }: Observations): Finding {
  const isService = ({ source }: Incident): boolean => Object.hasOwn(plan.system.services, source);
  const [service, other] = [incidents.filter(isService), incidents.filter((incident) => !isService(incident))];
  const result = {
    measured: count(incidents.length, 'incident'),
    events: seconds.length,
    evidence: figures({
      incidents: incidents.length,
      sources: incidents.length === 0 ? undefined : [...new Set(incidents.map(({ source }) => source))].join(', '),
      seconds: seconds.length,
    }),
  };
  if (service.length > 0) {
    return {
      outcome: 'fail',
      reason: service.map(described).join('; '),
      hint: "see the service's log in the run folder",
      ...result,
    };
  }
  if (other.length > 0) {
    return inconclusive(other.map(described).join('; '), { ...result, hint: 'see the logs in the run folder' });
  }
  if (seconds.length === 0) return inconclusive('nothing was observed', result);
  return {
    outcome: 'pass',
    reason: `every service lived for the ${count(seconds.length, 'second')} observed`,
    ...result,
  };
}

function described({ source, message, atMs }: Incident): string {
  return `${source}: ${message} (${milliseconds(atMs)} after the load's start)`;
}

function loadFinding(plan: Plan, { generator, loadEndMs, seconds }: Observations): Finding {
  const { code, signal } = generator.exit;
  const result = {
    measured: `${milliseconds(loadEndMs)}, ${signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`}`,
    events: seconds.length,
    evidence: figures({
      loadEndMs,
      plannedEndMs: plannedEndMs(plan),
      exitCode: code ?? undefined,
      signal: signal ?? undefined,
    }),
  };
  const bad = badExit(generator.exit);
  if (bad !== undefined) {
    return inconclusive(`the load generator ended early: ${bad.reason}`, { ...result, hint: bad.hint });
  }
  if (!(loadEndMs >= plannedEndMs(plan) - END_TOLERANCE_MS)) {
    return inconclusive(
      `the load ended after ${milliseconds(loadEndMs)}, planned were ${milliseconds(plannedEndMs(plan))}`,
      { ...result, hint: "see k6's log in the run folder" },
    );
  }
  if (seconds.length === 0) return inconclusive('nothing was observed', result);
  return { outcome: 'pass', reason: 'k6 sent the whole load and ended well', ...result };
}
