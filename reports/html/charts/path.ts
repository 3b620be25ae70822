import type { Span } from '../../format/windows.ts';
import type { Values } from './chart.ts';
import { type Range, position } from './scale.ts';

/** The plot's own coordinates, stretched to whatever room there is. */
export const PLOT_UNITS = 1_000;

/** SVG path data of one line; a gap (null) ends a stroke, a value between two gaps is a dot. */
export function linePath(t: readonly number[], values: Values, x: Range, y: Range, logarithmic: boolean): string {
  const parts: string[] = [];
  let drawing = false;
  for (const [index, value] of values.entries()) {
    const time = t[index];
    if (value === null || time === undefined) {
      drawing = false;
      continue;
    }
    const left = coordinate(position(time, x, false));
    const top = coordinate(1 - position(value, y, logarithmic));
    parts.push(drawing ? `L${left} ${top}` : `M${left} ${top}h0`);
    drawing = true;
  }
  return parts.join('');
}

/** SVG path data of full-height stripes, one a window; stripes that touch are one. Windows are in the order of time. */
export function stripesPath(windows: readonly Span[], x: Range): string {
  const stripes: { from: number; to: number }[] = [];
  for (const { startMs, endMs } of windows) {
    const from = coordinate(position(startMs / 1_000, x, false));
    // So thin that it would not be seen: half of a thousandth is.
    const to = Math.max(coordinate(position(endMs / 1_000, x, false)), from + 0.5);
    const last = stripes.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else stripes.push({ from, to });
  }
  return stripes.map(({ from, to }) => `M${from} 0H${to}V${PLOT_UNITS}H${from}Z`).join('');
}

function coordinate(share: number): number {
  return Math.round(Math.min(1.02, Math.max(-0.02, share)) * PLOT_UNITS * 10) / 10;
}
