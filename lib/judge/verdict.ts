import type { Check, Verdict, Window } from '../../reports/model/verdict.ts';
import type { Observations } from '../observe/observations.ts';
import type { Fault, Phase, Plan } from '../plan/plan.ts';
import { judge } from './checks.ts';
import { notesOf } from './notes.ts';
import { operationsTable } from './operations-table.ts';
import { overall, summarise } from './overall.ts';
import { timelineOf } from './timeline.ts';
import { exactMilliseconds } from './words.ts';

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
    phases: plan.load.phases.map(phaseWindow),
    faults: plan.faults.map((fault) => faultWindow(fault, observations)),
    operations: operationsTable(plan, observations.seconds),
    timeline: timelineOf(observations.seconds),
    notes: notesOf(plan, observations),
    environment: input.environment,
  };
}

function phaseWindow({ name, startMs, endMs, fromPerSecond, toPerSecond }: Phase): Window {
  const [from, to] = [fromPerSecond, toPerSecond].map((rate) => `${Number(rate.toFixed(2))}/s`);
  return { name, startMs, endMs, detail: from === to ? `${from}` : `${from} → ${to}` };
}

/** When the fault was in force; the planned window, marked, when it never was. */
function faultWindow(fault: Fault, { faults, loadEndMs }: Observations): Window {
  const seen = faults.find(({ name }) => name === fault.name);
  const detail = faultDetail(fault);
  if (seen?.injectedMs === undefined) {
    return { name: fault.name, startMs: fault.startMs, endMs: fault.endMs, detail: `${detail} (not injected)` };
  }
  return { name: fault.name, startMs: seen.injectedMs, endMs: seen.removedMs ?? loadEndMs, detail };
}

function faultDetail(fault: Fault): string {
  switch (fault.kind) {
    case 'latency': {
      const jitter = fault.jitterMs > 0 ? ` ± ${exactMilliseconds(fault.jitterMs)}` : '';
      return `latency ${exactMilliseconds(fault.latencyMs)}${jitter} on ${fault.edge}`;
    }
    case 'down':
      return `${fault.edge} down`;
    default:
      return fault satisfies never;
  }
}
