import { formatClock } from '../../format/figures.ts';
import type { WindowGroup } from '../../format/windows.ts';
import type { Window } from '../../model/verdict.ts';
import { type Markup, html } from '../markup.ts';
import type { ChartFrame } from './chart.ts';
import { describeWindow } from './describe.ts';
import { WIDTHS, textWidth } from './fit-labels.ts';
import { PLOT_UNITS, stripesPath } from './path.ts';
import { anchorAt, percent } from './place.ts';
import { timeTicks } from './scale.ts';

/** CSS pixels: a row and the bar in it; the name of a fault that comes again and again stands above its bars. */
const ROW = { height: 26, bar: 22 };
const SERIES = { name: 13, bar: 14, height: 32 };
const AXIS_HEIGHT = 18;
/** Share of the width from which a phase has its name in its bar. */
const LEAST_ROOM = 0.03;

/** Phases in one row, each fault in a row below, on one clock. */
export function timelineStrip({ phases, faults, endSeconds }: ChartFrame): Markup {
  let top = ROW.height;
  const rows = faults.map((fault) => {
    const y = top;
    top += fault.windows.length > 1 ? SERIES.height : ROW.height;
    return fault.windows.length > 1 ? series(fault, y, endSeconds) : single(fault, y, endSeconds);
  });
  const height = top + AXIS_HEIGHT;
  const ticks = timeTicks(0, endSeconds, 8).map((tick) => {
    const share = tick / endSeconds;
    return html`<text class="tick" x="${percent(share)}" y="${height - 4}" text-anchor="${anchorAt(share)}"
      >${formatClock(tick)}</text
    >`;
  });
  const described = [...phases, ...faults].map(describeWindow).join(', ');
  return html`<svg class="strip" height="${height}" role="img" aria-label="Timeline: ${described}">
    ${phases.map((phase) => bar(phase, 'phase', 0, endSeconds, sharesOf(phase, endSeconds).width >= LEAST_ROOM))}${rows}${ticks}
  </svg>`;
}

/** With its name in it, cut off where the bar ends. */
function bar(window: Window, kind: 'phase' | 'fault', y: number, endSeconds: number, named: boolean): Markup {
  const { name, detail } = window;
  const { left, width } = sharesOf(window, endSeconds);
  return html`<svg class="${kind}" x="${percent(left)}" width="${percent(width)}" y="${y}" height="${ROW.bar}">
    <title>${name}: ${detail}</title>
    <rect class="bar" width="100%" height="100%" />
    ${named ? html`<text x="6" y="15">${name}</text>` : ''}
  </svg>`;
}

/** A fault that is too short for its name has it beside its bar, where there is more room. */
function single(fault: WindowGroup, y: number, endSeconds: number): Markup {
  const { left, width } = sharesOf(fault, endSeconds);
  const inside = textWidth(fault.name) + 8 <= width * WIDTHS.small;
  return html`${bar(fault, 'fault', y, endSeconds, inside)}
  ${inside ? '' : html`<g class="fault">${besideText(fault.name, left, left + width, y + 15, 6)}</g>`}`;
}

function series({ name, detail, windows, ...whole }: WindowGroup, y: number, endSeconds: number): Markup {
  const { left, width } = sharesOf(whole, endSeconds);
  const at = left < 1 - left - width ? { x: left, anchor: 'start' } : { x: left + width, anchor: 'end' };
  return html`<g class="fault">
    <text x="${percent(at.x)}" y="${y + SERIES.name - 3}" text-anchor="${at.anchor}">${name}</text>
    <svg
      y="${y + SERIES.name}"
      height="${SERIES.bar}"
      width="100%"
      viewBox="0 0 ${PLOT_UNITS} ${PLOT_UNITS}"
      preserveAspectRatio="none"
    >
      <title>${name}: ${detail}</title>
      <path class="bar series" d="${stripesPath(windows, { min: 0, max: endSeconds })}" />
    </svg>
  </g>`;
}

function besideText(text: string, left: number, right: number, y: number, gap: number): Markup {
  const after = 1 - right >= left;
  return html`<text
    x="${percent(after ? right : left)}"
    dx="${after ? gap : -gap}"
    y="${y}"
    text-anchor="${after ? 'start' : 'end'}"
    >${text}</text
  >`;
}

function sharesOf({ startMs, endMs }: Pick<Window, 'startMs' | 'endMs'>, endSeconds: number) {
  return { left: startMs / 1_000 / endSeconds, width: Math.max(0, endMs - startMs) / 1_000 / endSeconds };
}
