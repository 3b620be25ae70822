import { formatClock, formatFigure } from '../../format/figures.ts';
import { type WindowGroup, nameSpans } from '../../format/windows.ts';
import type { Window } from '../../model/verdict.ts';
import { type Markup, html } from '../markup.ts';
import type { Chart, ChartFrame, ChartLine } from './chart.ts';
import { PLOT_UNITS, linePath, stripesPath } from './path.ts';
import { describeChart } from './describe.ts';
import { anchorAt, percent } from './place.ts';
import { type Range, position, timeTicks, valueRange, valueTicks } from './scale.ts';

/** Share of the width from which a window has its name above the plot. */
const LEAST_ROOM = 0.03;

/**
 * A chart without a script: two SVGs side by side, the y axis and the plot, sized in percent so that they take the width
 * there is while their text keeps its size. Only the lines are stretched (in an SVG of their own).
 */
export function staticChart(chart: Chart, frame: ChartFrame): Markup {
  const x: Range = { min: 0, max: frame.endSeconds };
  const y = valueRange(chart);
  return html`<div class="static-plot" role="img" aria-label="${describeChart(chart, frame)}">
    ${yAxis(chart, y)}${plot(chart, frame, x, y)}
  </div>`;
}

export function legend(lines: readonly ChartLine[]): Markup {
  return html`<ul class="legend">
    ${lines.map(
      ({ label, tone, dashed }) =>
        html`<li>
          <svg class="swatch" width="18" height="8" aria-hidden="true">
            <line x1="0" y1="4" x2="18" y2="4" class="line tone-${tone}${dashed ? ' dashed' : ''}" /></svg
          >${label}
        </li>`,
    )}
  </ul>`;
}

function yAxis({ unit, logarithmic }: Chart, y: Range): Markup {
  const labels = valueTicks(y, unit, logarithmic).map(
    (tick) =>
      html`<text x="100%" y="${percent(1 - position(tick, y, logarithmic))}" dx="-6" dy="4" text-anchor="end"
        >${formatFigure(tick, unit)}</text
      >`,
  );
  return html`<svg class="y-axis" aria-hidden="true">
    <svg y="34" height="150" width="100%" overflow="visible">${labels}</svg>
  </svg>`;
}

function plot(
  { lines, unit, logarithmic }: Chart,
  { t, endSeconds, phases, faults }: ChartFrame,
  x: Range,
  y: Range,
): Markup {
  const grid = valueTicks(y, unit, logarithmic).map((tick) => {
    const top = percent(1 - position(tick, y, logarithmic));
    return html`<line class="grid" x1="0" x2="100%" y1="${top}" y2="${top}" />`;
  });
  const times = timeTicks(0, endSeconds, 6).map((tick) => {
    const share = position(tick, x, false);
    return html`<text x="${percent(share)}" y="202" text-anchor="${anchorAt(share)}">${formatClock(tick)}</text>`;
  });
  const paths = lines.map(
    ({ tone, dashed, values }) =>
      html`<path class="line tone-${tone}${dashed ? ' dashed' : ''}" d="${linePath(t, values, x, y, logarithmic)}" />`,
  );
  return html`<svg class="plot" aria-hidden="true">
    ${phases.map((phase) => phaseBand(phase, x))}${faults.map((fault) => faultBands(fault, x))}${faultNames(faults, x)}<svg
      y="34"
      height="150"
      width="100%"
    >
      ${grid}<svg viewBox="0 0 ${PLOT_UNITS} ${PLOT_UNITS}" preserveAspectRatio="none" width="100%" height="100%">
        ${paths}
      </svg></svg
    >${times}
  </svg>`;
}

/** A shaded window with its name above the plot; the nested SVG cuts the name off where the window ends. */
function phaseBand({ name, startMs, endMs }: Window, x: Range): Markup {
  return html`<svg class="phase" ${extent(startMs, endMs, x)} height="184">
    <title>${name}</title>
    <rect class="band" width="100%" height="100%" />
    ${hasRoom(startMs, endMs, x) ? html`<text x="4" y="12">${name}</text>` : ''}
  </svg>`;
}

function faultBands({ name, windows }: WindowGroup, x: Range): Markup {
  return html`<svg
    class="fault"
    y="17"
    width="100%"
    height="167"
    viewBox="0 0 ${PLOT_UNITS} ${PLOT_UNITS}"
    preserveAspectRatio="none"
  >
    <title>${name}</title>
    <path class="band${windows.length > 1 ? ' series' : ''}" d="${stripesPath(windows, x)}" />
  </svg>`;
}

/** Below the phases' names. */
function faultNames(faults: readonly WindowGroup[], x: Range): Markup[] {
  return nameSpans(faults)
    .filter(({ startMs, endMs }) => hasRoom(startMs, endMs, x))
    .map(
      ({ name, startMs, endMs }) =>
        html`<svg class="fault" ${extent(startMs, endMs, x)} height="34"><text x="4" y="29">${name}</text></svg>`,
    );
}

function extent(startMs: number, endMs: number, x: Range): Markup {
  const left = position(startMs / 1_000, x, false);
  const width = Math.max(0, position(endMs / 1_000, x, false) - left);
  return html`x="${percent(left)}" width="${percent(width)}"`;
}

/** Whether more than a letter or two would be seen of a name. */
function hasRoom(startMs: number, endMs: number, x: Range): boolean {
  return position(endMs / 1_000, x, false) - position(startMs / 1_000, x, false) >= LEAST_ROOM;
}
