import { nameBudgets } from '../judge/budgets.ts';
import { formatDuration } from '../units.ts';
import { cellPlan, loadMsOf } from './cell-plan.ts';
import { estimateMs } from './estimate.ts';
import { mostCells } from './order.ts';
import type { SweepPlan } from './sweep-plan.ts';
import type { Track } from './tracks.ts';

/** What a sweep would try, for how long, and what must hold. Pure. */
export function describeSweep(sweep: SweepPlan): string {
  const { plan, steady, edges, tracks, leftOut, timeLimitMs } = sweep;
  const [first] = tracks;
  const example = first === undefined ? plan : cellPlan(sweep, first, 0);
  const cells = tracks.reduce((sum, { ladder }) => sum + ladder.length, 0);
  const boundaries = tracks.reduce((sum, { ladder }) => sum + mostCells(ladder.length), 0);
  const cellMs = estimateMs(loadMsOf(example), []);
  const phases = example.load.phases.map(({ name, startMs, endMs }) => `${name} ${formatDuration(endMs - startMs)}`);
  return [
    `faults on ${plan.experiment}${plan.description === '' ? '' : ` — ${plan.description}`}`,
    `  ${cells} cells, of which the boundaries take at most ${boundaries}; some ${Math.floor(timeLimitMs / cellMs)} fit into ${formatDuration(timeLimitMs)}`,
    `  each cell: ${phases.join(', ')} at ${Number(steady.perSecond.toPrecision(4))}/s`,
    ...nameBudgets(steady.budgets).map(({ id, budget }) => `  must hold: ${budget.name ?? id}`),
    ...edges.flatMap((edge) => [
      `  ${edge}`,
      ...tracks.filter((track) => track.edge === edge).map((track) => `    ${describeTrack(track)}`),
      ...leftOut.filter((left) => left.edge === edge).map(({ kind, why }) => `    ${kind}: left out, ${why}`),
    ]),
  ].join('\n');
}

/** "latency 200ms on client-shop". */
export function describeCell({ kind, target, ladder }: Track, level: number): string {
  const text = ladder[level]?.text ?? '';
  return `${kind}${text === '' ? '' : ` ${text}`} on ${target}`;
}

function describeTrack({ edge, kind, target, ladder }: Track): string {
  const rungs = ladder.map(({ text }) => text).filter((text) => text !== '');
  return `${kind}${target === edge ? '' : ` of ${target}`}${rungs.length === 0 ? '' : `: ${rungs.join(', ')}`}`;
}
