import { formatFigure, formatInstant } from '../../format/figures.ts';
import type { EdgeDrillResult } from '../../format/drills.ts';
import { type Markup, html } from '../markup.ts';
import { describeDrill } from './describe-drill.ts';
import { type DrillBars, marksIn } from './drill-bars.ts';
import { fillOf } from './drill-layers.ts';
import { markNames, roomForNames, stepBands } from './drill-names.ts';
import { PLOT_UNITS } from './path.ts';
import { anchorAt, percent } from './place.ts';
import { position, valueTicks } from './scale.ts';
import { stackPaths } from './stack.ts';

/** CSS pixels: the plot's height, and the room for the x axis below it. */
const PLOT = 150;
const AXIS = 22;

/**
 * The requests on the edge over time, without a script: stacked bars, a band for each step, a line for each mark. Sized as
 * `staticChart` is. `id` makes the names of its parts unique in the page.
 */
export function drillPlot(drill: EdgeDrillResult, bars: DrillBars, id: string): Markup {
  const top = roomForNames(drill);
  const height = top + PLOT + AXIS;
  return html`<div class="static-plot drill-plot" role="img" aria-label="${describeDrill(drill, bars)}">
    ${yAxis(bars, top, height)}<svg class="plot" height="${height}" aria-hidden="true">
      ${stepBands(drill, bars, top + PLOT)}
      <svg y="${top}" height="${PLOT}" width="100%">${grid(bars)}${layers(bars, id)}${markLines(drill, bars)}</svg>
      ${markNames(drill, bars, top)}${xAxis(bars, height)}
    </svg>
  </div>`;
}

function yAxis({ y }: DrillBars, top: number, height: number): Markup {
  const labels = valueTicks(y, 'perSecond', false).map(
    (tick) =>
      html`<text x="100%" y="${percent(1 - position(tick, y, false))}" dx="-6" dy="4" text-anchor="end"
        >${formatFigure(tick, 'perSecond')}</text
      >`,
  );
  return html`<svg class="y-axis" height="${height}" aria-hidden="true">
    <svg y="${top}" height="${PLOT}" width="100%" overflow="visible">${labels}</svg>
  </svg>`;
}

function xAxis({ x }: DrillBars, height: number): Markup[] {
  const ticks = valueTicks(x, 'count', false);
  // From a thousand seconds on there is no room for all of them on a telephone.
  const shown = x.max < 1_000 ? ticks : ticks.filter((_, index) => index % 2 === 0);
  return shown.map((tick) => {
    const share = position(tick, x, false);
    return html`<text x="${percent(share)}" y="${height - 5}" text-anchor="${anchorAt(share)}"
      >${formatInstant(tick * 1_000)}</text
    >`;
  });
}

function grid({ y }: DrillBars): Markup[] {
  return valueTicks(y, 'perSecond', false).map((tick) => {
    const at = percent(1 - position(tick, y, false));
    return html`<line class="grid" x1="0" x2="100%" y1="${at}" y2="${at}" />`;
  });
}

/** The layers' shapes clip what fills them: so a pattern keeps its shape, whatever the plot is stretched to. */
function layers({ layers: shown, edges, y }: DrillBars, id: string): Markup[] {
  const paths = stackPaths(
    shown.map(({ perSecond }) => perSecond),
    edges,
    y.max,
  );
  return shown.flatMap(({ kind }, index) => {
    const path = paths[index] ?? '';
    if (path === '') return [];
    const clip = `${id}-${kind}`;
    return html`<g class="layer-${kind}">
      <clipPath id="${clip}" clipPathUnits="objectBoundingBox">
        <path transform="scale(${1 / PLOT_UNITS})" d="${path}" />
      </clipPath>
      <rect class="area" width="100%" height="100%" fill="${fillOf(kind)}" clip-path="url(#${clip})" />
      ${stretched(html`<path class="edge" d="${path}" />`)}
    </g>`;
  });
}

/** All lines as one path; marks that would be drawn on the same place are one line. */
function markLines(drill: EdgeDrillResult, bars: DrillBars): Markup {
  const places = new Set(marksIn(drill, bars).map(({ at }) => Math.round(at * PLOT_UNITS)));
  const path = [...places].map((at) => `M${at} 0V${PLOT_UNITS}`).join('');
  return path === '' ? html`` : stretched(html`<path class="drill-mark" d="${path}" />`);
}

function stretched(inside: Markup): Markup {
  return html`<svg viewBox="0 0 ${PLOT_UNITS} ${PLOT_UNITS}" preserveAspectRatio="none" width="100%" height="100%">
    ${inside}
  </svg>`;
}
