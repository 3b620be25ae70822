import { formatFigure, formatInstant, formatSpan } from '../../format/figures.ts';
import type { EdgeDrillResult } from '../../format/drills.ts';
import { type DrillBars, LAYERS } from './drill-bars.ts';

const MARKS_TOLD = 8;

/** One sentence for those who cannot see it. */
export function describeDrill({ edge, steps, marks, ...drill }: EdgeDrillResult, { layers: shown }: DrillBars): string {
  const counts = LAYERS.map(({ kind, label }) => {
    const total = shown.find((layer) => layer.kind === kind)?.total ?? 0;
    return `${formatFigure(total, 'count')} ${label}`;
  });
  const stepList = steps.map((step) => `${step.name} ${formatSpan(step)}`).join(', ');
  const told = marks.slice(0, MARKS_TOLD).map(({ atMs, text }) => `${text} at ${formatInstant(atMs)}`);
  const more = marks.length > told.length ? [`${marks.length - told.length} more`] : [];
  return [
    `Requests on ${edge} from ${formatSpan(drill)}: ${counts.join(', ')}`,
    ...(steps.length === 0 ? [] : [`steps: ${stepList}`]),
    ...(marks.length === 0 ? [] : [`marks: ${[...told, ...more].join(', ')}`]),
  ].join('; ');
}
