import { judgePhase } from '../judge/judge.ts';
import type { Second } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import { COOL_DOWN } from './probe-plan.ts';

/** At the end of the rest: shorter ones are decided by single requests, longer ones see what is over. */
const LAST_SECONDS = 3;

/**
 * Whether the last seconds of a probe's rest, at a tenth of its rate, still broke a latency or an errors budget: then the
 * system had not got rid of the load before, and what the probe's rate does to it is not known. Says which budget; undefined
 * when all held, and where there was no rest.
 */
export function notRecovered(plan: Plan, seconds: readonly Second[]): string | undefined {
  const rest = plan.load.phases.find(({ name }) => name === COOL_DOWN);
  if (rest === undefined) return undefined;
  const budgets = plan.budgets.flatMap((budget) =>
    budget.kind === 'latency' || budget.kind === 'errors' ? [{ ...budget, phase: COOL_DOWN, minEvents: 1 }] : [],
  );
  const endSecond = rest.endMs / 1_000;
  const last = seconds.filter(({ t }) => t >= endSecond - LAST_SECONDS && t < endSecond);
  const broken = judgePhase({ ...plan, budgets }, last, COOL_DOWN).find(({ outcome }) => outcome === 'fail');
  return broken === undefined
    ? undefined
    : `the system had not recovered from the load before: ${broken.title}: ${broken.reason}`;
}
