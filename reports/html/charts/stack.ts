import { PLOT_UNITS } from './path.ts';

/** Bars on top of one another, as one outline for each layer. */

/**
 * SVG path data of each layer in the plot's own units: `layers[0]` stands on the axis, each further one on those before it.
 * `edges` are the bars' borders on the x axis, 0–1, one more than there are bars; `highest` is the top of the y axis.
 */
export function stackPaths(
  layers: readonly (readonly number[])[],
  edges: readonly number[],
  highest: number,
): string[] {
  let bases: readonly number[] = edges.slice(1).map(() => 0);
  return layers.map((layer) => {
    const tops = bases.map((base, index) => base + (layer[index] ?? 0));
    const path = outline(bases, tops, edges, highest);
    bases = tops;
    return path;
  });
}

/** Around each run of bars that are not empty: along their tops, and back along their bases. */
function outline(bases: readonly number[], tops: readonly number[], edges: readonly number[], highest: number): string {
  const x = (edge: number) => rounded((edges[edge] ?? 0) * PLOT_UNITS);
  const y = (value: number) => rounded((1 - value / highest) * PLOT_UNITS);
  const isEmpty = (bar: number) => (tops[bar] ?? 0) === (bases[bar] ?? 0);
  const parts: string[] = [];
  for (let bar = 0; bar < tops.length; bar++) {
    if (isEmpty(bar)) continue;
    const first = bar;
    while (bar + 1 < tops.length && !isEmpty(bar + 1)) bar++;
    const run = Array.from({ length: bar - first + 1 }, (_, index) => first + index);
    const there = steps(run.map((index) => [y(tops[index] ?? 0), x(index + 1)]));
    const back = steps(run.toReversed().map((index) => [y(bases[index] ?? 0), x(index)]));
    parts.push(`M${x(first)} ${y(bases[first] ?? 0)}${there}${back}Z`);
  }
  return parts.join('');
}

/** "V…H…" for each step; neighbours of one height are one step. */
function steps(list: readonly (readonly [height: number, to: number])[]): string {
  return list
    .map(([height, to], index) => {
      const [before, after] = [list[index - 1]?.[0], list[index + 1]?.[0]];
      return `${height === before ? '' : `V${height}`}${height === after ? '' : `H${to}`}`;
    })
    .join('');
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
