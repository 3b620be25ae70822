import type { SweepEdge, SweepReport } from '../../reports/model/sweep.ts';
import type { Budget } from '../plan/schema/budgets.ts';
import { nameBudgets } from '../judge/budgets.ts';
import { formatDuration } from '../units.ts';
import { cellPlan, faultPhaseOf, loadMsOf } from './cell-plan.ts';
import { concludeEdge } from './conclude-edge.ts';
import { type MeasuredCell, concludeRow } from './conclude-row.ts';
import type { SweepPlan } from './sweep-plan.ts';

export interface AssembleInput {
  readonly sweep: SweepPlan;
  readonly ending: SweepReport['ending'];
  readonly endingDetail: string | undefined;
  readonly measured: readonly MeasuredCell[];
  readonly run: SweepReport['run'];
  readonly environment: SweepReport['environment'];
  readonly cutoverVersion: string;
}

const WHY_NOT_MEASURED: Readonly<Record<SweepReport['ending'], string>> = {
  complete: 'there was nothing more to learn from it',
  'time-limit': 'the time was up',
  'steady-broken': 'the steady phase did not hold',
  failed: 'the sweep could not go on',
  aborted: 'the sweep was aborted',
};

/** Everything that the report of a sweep shows. Pure. */
export function assembleReport(input: AssembleInput): SweepReport {
  const { sweep, ending, endingDetail, measured, environment } = input;
  const { plan, steady } = sweep;
  const edges = sweep.edges.map((edge) => edgeOf(edge, input));
  const cutShort = ending === 'steady-broken' || ending === 'failed' || ending === 'aborted';
  const known = edges.filter(({ answer }) => answer !== 'unknown').length;
  const outcome = !cutShort && known === edges.length ? 'pass' : 'inconclusive';
  const answers = edges.map(({ edge, headline }) => `${edge}: ${headline}`).join('. ');
  const why = cutShort ? `${WHY_NOT_MEASURED[ending]}${endingDetail === undefined ? '' : ` (${endingDetail})`}. ` : '';
  const example = sweep.tracks[0] === undefined ? undefined : cellPlan(sweep, sweep.tracks[0], 0);
  const faultPhase = example?.load.phases.find(({ name }) => name === faultPhaseOf(plan));
  return {
    version: 1,
    cutover: input.cutoverVersion,
    experiment: { name: plan.experiment, description: plan.description },
    run: input.run,
    outcome,
    summary: `${outcome}: ${why}${answers}`,
    ending,
    ...(endingDetail === undefined ? {} : { endingDetail }),
    timeLimitMs: sweep.timeLimitMs,
    faultMs: faultPhase === undefined ? sweep.forMs : faultPhase.endMs - faultPhase.startMs,
    loadMs: example === undefined ? 0 : loadMsOf(example),
    perSecond: steady.perSecond,
    budgets: steady.budgets.map(titleOf),
    leftOutBudgets: leftOutBudgets(sweep),
    edges,
    notes: notesOf(sweep, measured),
    environment,
  };
}

function edgeOf(edge: string, { sweep, measured, ending }: AssembleInput): SweepEdge {
  const rows = sweep.tracks.flatMap((track, index) => {
    if (track.edge !== edge) return [];
    const cells = measured.filter((cell) => cell.track === index);
    return [concludeRow(track, cells, WHY_NOT_MEASURED[ending])];
  });
  const { from = '', to = '', protocol = 'tcp' } = sweep.plan.system.edges[edge] ?? {};
  const leftOut = sweep.leftOut.flatMap(({ edge: of, kind, why }) => (of === edge ? [{ kind, why }] : []));
  return { edge, from, to, protocol, ...concludeEdge(rows), rows, leftOut };
}

function leftOutBudgets({ plan, steady }: SweepPlan): SweepReport['leftOutBudgets'] {
  return nameBudgets(plan.budgets)
    .filter(({ budget }) => !steady.budgets.includes(budget))
    .map(({ id, budget }) => ({
      title: budget.name ?? id,
      why:
        'phase' in budget && budget.phase !== plan.load.steady
          ? `it is about the phase ${budget.phase}, not ${plan.load.steady}`
          : `${budget.kind} budgets need another phase, a long one, or an overload`,
    }));
}

/** "errors of all operations" is no name that one would look for: a budget's own, or its id. */
function titleOf(budget: Budget): string {
  return budget.name ?? nameBudgets([budget])[0]?.id ?? budget.kind;
}

function notesOf({ plan, steady, timeLimitMs }: SweepPlan, measured: readonly MeasuredCell[]): string[] {
  const running = Object.entries(plan.system.services).flatMap(([name, service]) => ('url' in service ? [name] : []));
  const repeated = measured.filter(({ tries }) => tries > 1).length;
  return [
    `Each cell is an experiment of its own, with its own report: at ${Number(steady.perSecond.toPrecision(4))}/s a warm-up, the phase ${plan.load.steady}, the fault, a recovery. The budgets of ${plan.load.steady} are judged in it, and with the same limits during the fault.`,
    'For each kind the mildest that breaks is looked for by bisection, which takes it that a severer fault of the same kind breaks no less. What was not measured is shown as not measured.',
    'Which of two kinds is milder goes by where each stands on its own ladder, on a logarithmic scale: it orders the answers, it is no measure.',
    'How far over: the worst measured ÷ its limit. A latency budget is measured by its p99 or, where what succeeded was fast, by the share that failed.',
    `A cell without an answer was asked again at once${repeated === 0 ? '' : ` (${repeated} were)`}. No cell was started that would have ended after ${formatDuration(timeLimitMs)}.`,
    ...(running.length === 0
      ? []
      : [`Not restarted between cells: ${running.join(', ')}. Each cell’s warm-up is longer for it.`]),
  ];
}
