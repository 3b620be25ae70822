import { describeFault } from '../../chaos/faults/kinds.ts';
import type { Check, ComparisonResult, Verdict, Window } from '../../reports/model/verdict.ts';
import type { Observations } from '../observe/observations.ts';
import { corners } from '../plan/plan.ts';
import type { Fault, Phase, Plan } from '../plan/plan.ts';
import { judge } from './checks.ts';
import { judgeComparison } from './comparison/judge-comparison.ts';
import { drillResults } from './drills/picture.ts';
import { notesOf } from './notes.ts';
import { operationsTable } from './operations-table.ts';
import { sectionsOf } from './sections.ts';
import { overall, summarise } from './overall.ts';
import { timelineOf } from './timeline.ts';
import { wholePhases } from './whole-phases.ts';

export interface VerdictInput {
  readonly plan: Plan;
  readonly observations: Observations;
  /** Default: `judge(plan, observations)`. */
  readonly checks?: readonly Check[] | undefined;
  /** Who, when and with which inputs. */
  readonly run: Verdict['run'];
  readonly environment: Verdict['environment'];
  /** Version of the harness. */
  readonly cutoverVersion: string;
  /** Why the run did not reach its planned end. */
  readonly stoppedEarly?: string | undefined;
}

/** Everything that a report shows, as written to `verdict.json`. */
export function assembleVerdict(input: VerdictInput): Verdict {
  const { plan, observations, stoppedEarly } = input;
  const checks = input.checks ?? judge(plan, observations);
  const outcome = overall(checks);
  const comparison = judgeComparison(plan, observations)?.result;
  // All that was checked held, but not all that was planned was checked.
  const cutShort = stoppedEarly !== undefined && outcome === 'pass';
  return {
    version: 1,
    cutover: input.cutoverVersion,
    experiment: { name: plan.experiment, description: plan.description },
    run: input.run,
    outcome: cutShort ? 'inconclusive' : outcome,
    summary: cutShort ? `inconclusive: stopped early: ${stoppedEarly}` : summarise(plan, checks),
    ...(stoppedEarly === undefined ? {} : { stoppedEarly }),
    checks: [...checks],
    phases: wholePhases(plan).map((phase) => phaseWindow(phase, plan)),
    faults: plan.faults.map((fault) => faultWindow(fault, observations)),
    operations: operationsTable(plan, observations.seconds),
    ...(comparison === undefined ? {} : { comparison: asJudged(comparison, checks) }),
    drills: drillResults(plan, observations, checks),
    sections: sectionsOf(plan, observations, checks),
    timeline: timelineOf(observations.seconds),
    notes: notesOf(plan, observations, checks),
    environment: input.environment,
  };
}

/** The rows with the outcomes of their checks, which doubt about the run may have changed. */
function asJudged(comparison: ComparisonResult, checks: readonly Check[]): ComparisonResult {
  const outcomes = new Map(checks.map(({ id, outcome }) => [id, outcome]));
  const rows = comparison.rows.map((row) => ({ ...row, outcome: outcomes.get(row.checkId) ?? row.outcome }));
  return { ...comparison, rows };
}

function phaseWindow(phase: Phase, plan: Plan): Window {
  const { name, startMs, endMs } = phase;
  const blocks = plan.load.phases.filter(({ block }) => block?.of === name && !block.settling);
  const baseline = blocks.filter(({ block }) => block?.variant === 'baseline').length;
  const split = blocks.length === 0 ? '' : `, ${baseline} blocks each, baseline / candidate`;
  return { name, startMs, endMs, detail: `${rateDetail(phase)}${split}` };
}

/** "50/s", "50/s → 80/s", or for another shape the lowest and the highest rate, "10/s – 80/s". */
function rateDetail(phase: Phase): string {
  const rates = corners(phase).map(({ perSecond }) => perSecond);
  const shaped = rates.length > 2;
  const [from = 0, to = 0] = shaped ? [Math.min(...rates), Math.max(...rates)] : rates;
  const [first, last] = [from, to].map((rate) => `${Number(rate.toFixed(2))}/s`);
  return first === last ? `${first}` : `${first} ${shaped ? '–' : '→'} ${last}`;
}

/** When the fault was in force; the planned window, marked, when it never was. */
function faultWindow(fault: Fault, { faults, loadEndMs }: Observations): Window {
  const seen = faults.find(({ name }) => name === fault.name);
  const detail = describeFault(fault);
  if (seen?.injectedMs === undefined) {
    return { name: fault.name, startMs: fault.startMs, endMs: fault.endMs, detail: `${detail} (not injected)` };
  }
  return { name: fault.name, startMs: seen.injectedMs, endMs: seen.removedMs ?? loadEndMs, detail };
}
