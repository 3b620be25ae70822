import { type Markup, html } from '../markup.ts';
import type { Tone } from './chart.ts';
import { type MarkKind, mark } from './marks.ts';
import { PLOT_UNITS, linePath } from './path.ts';
import { anchorAt, percent } from './place.ts';
import { type Range, position } from './scale.ts';

/** Points over a figure of any kind, without a script: what was measured at which load. */
export interface PointChart {
  /** For those who cannot see it. */
  readonly description: string;
  readonly size: 'tall' | 'short';
  readonly x: Axis;
  readonly y: Axis;
  readonly points: readonly Point[];
  readonly curves: readonly Curve[];
  readonly bands: readonly Band[];
  readonly rules: readonly Rule[];
}

export interface Axis {
  readonly range: Range;
  readonly logarithmic: boolean;
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
}

export interface Point {
  readonly kind: MarkKind;
  readonly x: number;
  readonly y: number;
  readonly title: string;
}

export interface Curve {
  readonly label: string;
  readonly tone: Tone;
  readonly dashed: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A stretch of the x axis that is shaded, with its name in the first row above the plot. */
export interface Band {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

/** A line across the plot at one place of the x axis, with its name in the second row above the plot. */
export interface Rule {
  readonly label: string;
  readonly at: number;
}

/** CSS pixels: room above the plot, its height, and where the x axis is written. */
const LAYOUT = {
  tall: { top: 38, height: 190, axis: 246 },
  short: { top: 8, height: 92, axis: 118 },
} as const;

export function pointChart(chart: PointChart): Markup {
  return html`<div class="static-plot point-plot ${chart.size}" role="img" aria-label="${chart.description}">
    ${yAxis(chart)}${plot(chart)}
  </div>`;
}

function yAxis({ y, size }: PointChart): Markup {
  const { top, height } = LAYOUT[size];
  const labels = y.ticks.map(
    (tick) =>
      html`<text x="100%" y="${percent(1 - share(tick, y))}" dx="-6" dy="4" text-anchor="end">${y.format(tick)}</text>`,
  );
  return html`<svg class="y-axis" aria-hidden="true">
    <svg y="${top}" height="${height}" width="100%" overflow="visible">${labels}</svg>
  </svg>`;
}

function plot({ x, y, size, points, curves, bands, rules }: PointChart): Markup {
  const { top, height, axis } = LAYOUT[size];
  const grid = y.ticks.map((tick) => {
    const at = percent(1 - share(tick, y));
    return html`<line class="grid" x1="0" x2="100%" y1="${at}" y2="${at}" />`;
  });
  const labels = x.ticks.map((tick) => {
    const at = share(tick, x);
    return html`<text x="${percent(at)}" y="${axis}" text-anchor="${anchorAt(at)}">${x.format(tick)}</text>`;
  });
  return html`<svg class="plot" aria-hidden="true">
    ${bands.map((band) => bandMarkup(band, x, top, height))}${rules.map((rule) => ruleMarkup(rule, x, top, height))}<svg
      y="${top}"
      height="${height}"
      width="100%"
      overflow="visible"
      class="open"
    >
      ${grid}<svg viewBox="0 0 ${PLOT_UNITS} ${PLOT_UNITS}" preserveAspectRatio="none" width="100%" height="100%">
        ${curves.map((curve) => curvePath(curve, x, y))}</svg
      >${points.map((point) => mark(point.kind, share(point.x, x), 1 - share(point.y, y), point.title))}
    </svg>
    ${labels}
  </svg>`;
}

function curvePath({ points, tone, dashed }: Curve, x: Axis, y: Axis): Markup {
  const shares = points.map(([at]) => share(at, x));
  const values = points.map(([, value]) => value);
  const path = linePath(shares, values, { min: 0, max: 1 }, y.range, y.logarithmic);
  return html`<path class="line tone-${tone}${dashed ? ' dashed' : ''}" d="${path}" />`;
}

function bandMarkup({ label, from, to }: Band, x: Axis, top: number, height: number): Markup {
  const [left, right] = [share(from, x), share(to, x)];
  return html`<g class="bracket">
    <rect x="${percent(left)}" width="${percent(Math.max(0.002, right - left))}" y="${top}" height="${height}" />
    ${besideText(label, (left + right) / 2 < 0.5 ? left : right, 13)}
  </g>`;
}

function ruleMarkup({ label, at }: Rule, x: Axis, top: number, height: number): Markup {
  const left = share(at, x);
  const place = percent(left);
  return html`<g class="rule">
    <line x1="${place}" x2="${place}" y1="${top - 6}" y2="${top + height}" />
    ${besideText(label, left, 29)}
  </g>`;
}

/** A name that begins or ends at its place, whichever side has more room. */
function besideText(label: string, at: number, y: number): Markup {
  const start = at < 0.5;
  return html`<text x="${percent(at)}" y="${y}" text-anchor="${start ? 'start' : 'end'}">${label}</text>`;
}

function share(value: number, { range, logarithmic }: Axis): number {
  return Math.min(1, Math.max(0, position(value, range, logarithmic)));
}
