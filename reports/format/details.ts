import type { DetailOf } from '../model/verdict.ts';
import { formatLength } from './figures.ts';

/** "3.2 s in all, of at most 10 s". */
export function stageTotal({ stages, limitMs }: DetailOf<'stages'>): string {
  const startMs = Math.min(...stages.map((stage) => stage.startMs));
  const totalMs = Math.max(...stages.map((stage) => stage.endMs)) - startMs;
  const most = limitMs === undefined ? '' : `, of at most ${formatLength(limitMs - startMs)}`;
  return `${formatLength(totalMs)} in all${most}`;
}

/** One line for where there is no room for bars: "detect 2 s, decide 1 s, shift 40 ms, drain 3 s". */
export function stagesLine({ stages }: DetailOf<'stages'>): string {
  return stages.map(({ name, startMs, endMs }) => `${name} ${formatLength(endMs - startMs)}`).join(', ');
}
