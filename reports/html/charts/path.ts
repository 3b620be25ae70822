import type { Values } from './chart.ts';
import { type Range, position } from './scale.ts';

/** The plot's own coordinates, stretched to whatever room there is. */
export const PLOT_UNITS = 1_000;
/** More points than this cannot be told apart: of each stretch only the lowest and the highest are drawn. */
const MAX_POINTS = 1_200;

/** SVG path data of one line; a gap (null) ends a stroke, a value between two gaps is a dot. */
export function linePath(t: readonly number[], values: Values, x: Range, y: Range, logarithmic: boolean): string {
  const parts: string[] = [];
  let drawing = false;
  for (const index of thinned(values)) {
    const value = values[index];
    const time = t[index];
    if (value === null || value === undefined || time === undefined) {
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

function thinned(values: Values): number[] {
  const size = Math.ceil((values.length * 2) / MAX_POINTS);
  if (size <= 2) return [...values.keys()];
  const kept: number[] = [];
  for (let start = 0; start < values.length; start += size) {
    const indices = Array.from({ length: Math.min(size, values.length - start) }, (_, index) => start + index);
    const gap = indices.find((index) => values[index] === null);
    const known = indices.filter((index) => values[index] !== null);
    const byValue = known.toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
    const ends = [gap, byValue[0], byValue.at(-1)].filter((index) => index !== undefined);
    kept.push(...[...new Set(ends)].toSorted((a, b) => a - b));
  }
  return kept;
}

function coordinate(share: number): number {
  return Math.round(Math.min(1.02, Math.max(-0.02, share)) * PLOT_UNITS * 10) / 10;
}
