import { plainText } from '../../format/plain-text.ts';
import { nameSpans } from '../../format/windows.ts';

/**
 * @import uPlot from 'uplot'
 * @import { ChartFrame } from '../charts/chart.ts'
 * @import { Theme } from './theme.js'
 */

/** Room above the plot for the names of phases and, below them, of faults: CSS pixels. */
export const GUTTER = 34;
/** From this width on a window has its name: CSS pixels. */
const LEAST_ROOM = 18;

/**
 * Shades phases (every other one) and faults, below the lines, with their names in the gutter.
 *
 * @param {uPlot} plot
 * @param {ChartFrame} frame
 * @param {Theme} theme
 */
export function drawWindows(plot, { phases, faults }, theme) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const gutter = GUTTER * ratio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top - gutter, bbox.width, bbox.height + gutter);
  ctx.clip();
  ctx.textBaseline = 'alphabetic';
  ctx.textAlign = 'left';
  ctx.font = `${10.5 * ratio}px ${theme.font}`;

  phases.forEach((phase, index) => {
    const { left, width } = extent(plot, phase);
    if (index % 2 === 1) fill(theme.phase, left, bbox.top - gutter, width, bbox.height + gutter);
    name(phase.name, theme.muted, left, width, bbox.top - 22 * ratio);
  });
  for (const window of faults.flatMap(({ windows }) => windows)) {
    const { left, width } = extent(plot, window);
    const top = bbox.top - 17 * ratio;
    fill(theme.fault, left, top, width, bbox.height + 17 * ratio);
    fill(theme.bad, left, top, width, 1.5 * ratio);
  }
  for (const fault of nameSpans(faults)) {
    const { left, width } = extent(plot, fault);
    name(fault.name, theme.bad, left, width, bbox.top - 5 * ratio);
  }
  ctx.restore();

  /** @type {(color: string, x: number, y: number, width: number, height: number) => void} */
  function fill(color, x, y, width, height) {
    ctx.fillStyle = color;
    ctx.fillRect(x, y, width, height);
  }

  /** Cut off where its window ends; a letter or two would say nothing. @type {(text: string, color: string, left: number, width: number, y: number) => void} */
  function name(text, color, left, width, y) {
    if (width < LEAST_ROOM * ratio) return;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, y - 14 * ratio, width, 20 * ratio);
    ctx.clip();
    ctx.fillStyle = color;
    ctx.fillText(plainText(text), left + 4 * ratio, y);
    ctx.restore();
  }
}

/**
 * @param {uPlot} plot
 * @param {{ startMs: number, endMs: number }} window
 */
function extent(plot, { startMs, endMs }) {
  const left = plot.valToPos(startMs / 1000, 'x', true);
  return { left, width: Math.max(0, plot.valToPos(endMs / 1000, 'x', true) - left) };
}
