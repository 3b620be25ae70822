import { formatClock, formatFigure } from '../../format/figures.ts';
import type { Window } from '../../model/verdict.ts';
import type { Chart, ChartFrame } from './chart.ts';

/** What a chart shows, for those who cannot see it: its lines with their lowest and highest value, and the faults. */
export function describeChart({ title, unit, lines }: Chart, { endSeconds, faults }: ChartFrame): string {
  const described = lines.map(({ label, values }) => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return `${label} without data`;
    const lowest = known.reduce((a, b) => Math.min(a, b));
    const highest = known.reduce((a, b) => Math.max(a, b));
    return `${label} ${formatFigure(lowest, unit)} to ${formatFigure(highest, unit)}`;
  });
  const faultText = faults.length === 0 ? '' : ` Faults: ${faults.map(describeWindow).join(', ')}.`;
  return `${title}, ${formatClock(endSeconds)} long: ${described.join('; ')}.${faultText}`;
}

/** "slow-pricing 00:20 to 00:35". */
export function describeWindow({ name, startMs, endMs }: Window): string {
  return `${name} ${formatClock(startMs / 1_000)} to ${formatClock(endMs / 1_000)}`;
}
