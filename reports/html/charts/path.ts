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

function coordinate(share: number): number {
  return Math.round(Math.min(1.02, Math.max(-0.02, share)) * PLOT_UNITS * 10) / 10;
}
