import { formatCompared, unitOf } from '../../format/comparison.ts';
import { formatClock } from '../../format/figures.ts';
import type { Compared } from '../../model/verdict.ts';
import type { Markup } from '../markup.ts';
import { type Point, pointChart } from './point-chart.ts';
import { type Range, timeTicks, valueTicks } from './scale.ts';

/**
 * Each block's figure in order of time, baseline and candidate: a trend, or one odd block, shows here. `lengthMs` is how much
 * of a block is compared.
 */
export function blockStrip(row: Compared, lengthMs: number): Markup {
  const { blocks, title } = row;
  const known = blocks.flatMap(({ value }) => (value === null ? [] : [value]));
  const y = closeRange(known);
  const starts = blocks.map(({ startMs }) => startMs / 1_000);
  const x: Range = { min: Math.min(...starts), max: Math.max(...starts) + lengthMs / 1_000 };
  const points = blocks.map(({ variant, startMs, value }): Point => {
    const place = { x: (startMs + lengthMs / 2) / 1_000 };
    const when = formatClock(startMs / 1_000);
    return value === null
      ? { ...place, kind: 'missing', y: y.min, title: `${variant} at ${when}: no data` }
      : { ...place, kind: variant, y: value, title: `${variant} at ${when}: ${formatCompared(value, row)}` };
  });
  const missing = blocks.length - known.length;
  return pointChart({
    description: `${title}: ${blocks.length} blocks in order of time, ${known.length === 0 ? 'none with data' : `${formatCompared(Math.min(...known), row)} to ${formatCompared(Math.max(...known), row)}`}${missing === 0 ? '' : `; ${missing} without data`}`,
    size: 'short',
    x: { range: x, logarithmic: false, ticks: timeTicks(x.min, x.max, 5), format: formatClock },
    y: {
      range: y,
      logarithmic: false,
      ticks: valueTicks(y, unitOf(row), false).filter((_, index, all) => all.length < 5 || index % 2 === 0),
      format: (value) => formatCompared(value, row),
    },
    points,
    curves: [],
    bands: [],
    rules: [],
  });
}

/** From the lowest to the highest, not from 0: the differences are what is looked for. */
function closeRange(values: readonly number[]): Range {
  if (values.length === 0) return { min: 0, max: 1 };
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const air = (max - min) * 0.15 || Math.abs(max) * 0.1 || 0.01;
  return { min: min >= 0 ? Math.max(0, min - air) : min - air, max: max + air };
}
