import type { Check } from '../../reports/model/verdict.ts';
import type { Observations, Second } from '../observe/observations.ts';
import type { Drill, Plan } from '../plan/plan.ts';
import { judgeBudget, judgePhaseBudget, nameBudgets, phasesOf } from './budgets.ts';
import { judgeComparison } from './comparison/judge-comparison.ts';
import { type Doubt, doubtOfMachine } from './contention.ts';
import { judgeDrills } from './drills/judge-drills.ts';
import { judgeFaultEffect } from './fault-effect.ts';
import { judgeGenerator } from './generator.ts';
import { judgeIntegrity } from './integrity.ts';
import { asFarAsReached, becauseOfSteady } from './reached.ts';
import { judgeTraffic } from './traffic-switched.ts';
import { judgeHistory } from './history/judge-history.ts';
import { judgeTraces } from './traces/judge-traces.ts';
import { judgeAlerts } from './alerts/judge-alerts.ts';
import { asFarAsTrusted } from './trust.ts';
import { wholePhases } from './whole-phases.ts';

/**
 * The judge phase: from what was planned and what was seen to one check per budget, those of the comparison (CMP-1) and
 * of the drills, one per fault (HRN-4), the load generator's health (GEN-1) and the run's integrity. Pure: the same files give the same verdict, at any later time.
 * Never throws: a check that breaks down is inconclusive.
 */
export function judge(plan: Plan, observations: Observations): readonly Check[] {
  const { loadEndMs } = observations;
  const budgets = nameBudgets(plan.budgets).map((named) =>
    asFarAsReached(judgeBudget(named, plan, observations), phasesOf(named.budget), plan, loadEndMs),
  );
  const compared = (judgeComparison(plan, observations)?.checks ?? []).map((check) =>
    asFarAsReached(check, plan.comparison === undefined ? [] : [plan.comparison.phase], plan, loadEndMs),
  );
  // Those of drills are part of the drills' own checks.
  const faults = plan.faults
    .filter(({ drill }) => drill === undefined)
    .map((fault) => judgeFaultEffect(fault, plan, observations));
  const drills = judgeDrills(plan, observations);
  const generator = judgeGenerator(plan, observations);
  const machine = doubtOfMachine(plan, observations);
  const explained = becauseOfSteady([...budgets, ...compared, ...drills, ...faults], plan);
  return [
    ...explained.map((check) =>
      isTimeless(check, plan)
        ? check
        : asFarAsTrusted(
            check,
            generator,
            check.kind === 'drill' ? doubtDuring(check.drill, plan, observations) : machine,
          ),
    ),
    // What was lost was lost, however busy the machine was.
    ...judgeHistory(plan, observations),
    ...judgeTraces(plan, observations),
    ...judgeAlerts(plan, observations),
    generator,
    ...judgeIntegrity(plan, observations),
    ...judgeTraffic(plan, observations),
  ];
}

/** What these drills count is there or not, however busy the machine or the generator was. */
const TIMELESS: ReadonlySet<Drill['kind']> = new Set(['migration', 'parity', 'contract', 'boundary', 'graceful-stop']);

function isTimeless({ drill, id, evidence }: Check, { drills }: Plan): boolean {
  const kind = drills.find(({ name }) => name === drill)?.kind;
  if (kind === 'shadow') return id.endsWith(':effects');
  // Whoever gets no CPU may answer that it took too long.
  if (kind === 'parity' && String(evidence['differentFields']).split(', ').includes('status')) return false;
  return kind !== undefined && TIMELESS.has(kind);
}

/** A drill is judged on its own steps alone: what the machine did before and after them is nothing to it. */
function doubtDuring(name: string | undefined, plan: Plan, observations: Observations): Doubt | undefined {
  const steps = plan.drills.find((drill) => drill.name === name)?.steps ?? [];
  const [startMs, endMs] = [steps[0]?.startMs ?? 0, steps.at(-1)?.endMs ?? Infinity];
  const seconds = observations.seconds.filter(({ t }) => (t + 1) * 1_000 > startMs && t * 1_000 < endMs);
  return doubtOfMachine(plan, { ...observations, seconds });
}

/**
 * The gate before the first fault: the budgets of one phase that need no more than its seconds (latency, errors,
 * throughput, CPU, memory, and the like), with the ids they have in the verdict. What compares it with a later phase has
 * nothing to compare yet. The generator's health is not looked at.
 */
export function judgePhase(plan: Plan, seconds: readonly Second[], phase: string): readonly Check[] {
  const order = wholePhases(plan).map(({ name }) => name);
  const isOver = (name: string): boolean => order.indexOf(name) <= order.indexOf(phase);
  return nameBudgets(plan.budgets).flatMap(({ id, budget }) =>
    budget.kind === 'recovery' || budget.phase !== phase || !phasesOf(budget).every(isOver)
      ? []
      : [judgePhaseBudget({ id, budget }, plan, seconds)],
  );
}
