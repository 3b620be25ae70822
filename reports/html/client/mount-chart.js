import uPlot from 'uplot';
import { formatClock, formatFigure } from '../../format/figures.ts';
import { plainText } from '../../format/plain-text.ts';
import { describeChart } from '../charts/describe.ts';
import { timeTicks, valueRange, valueTicks } from '../charts/scale.ts';
import { GUTTER, drawWindows } from './draw-windows.js';
import { makeLegendOperable } from './legend.js';
import { readTheme } from './theme.js';

/** @import { Chart, ChartFrame } from '../charts/chart.ts' */

const PLOT_HEIGHT = 212;
const AXIS_WIDTH = 64;

/**
 * Draws a chart into its figure in place of the static one. Returns what takes it away again.
 *
 * @param {HTMLElement} figure
 * @param {Chart} chart
 * @param {ChartFrame} frame
 * @returns {() => void}
 */
export function mountChart(figure, chart, frame) {
  const target = /** @type {HTMLElement} */ (figure.querySelector('.live'));
  target.hidden = false;
  figure.classList.add('is-live');
  const values = chart.lines.map((line) =>
    // A logarithmic axis has no place for 0.
    chart.logarithmic ? line.values.map((value) => (value !== null && value > 0 ? value : null)) : [...line.values],
  );
  const plot = new uPlot(optionsOf(target, chart, frame), [[...frame.t], ...values], target);
  plot.ctx.canvas.setAttribute('role', 'img');
  plot.ctx.canvas.setAttribute('aria-label', plainText(describeChart(chart, frame)));
  makeLegendOperable(plot);

  const observer = new ResizeObserver(() => {
    const width = target.clientWidth;
    if (width > 0 && width !== plot.width) plot.setSize({ width, height: PLOT_HEIGHT });
  });
  observer.observe(target);
  return () => {
    observer.disconnect();
    plot.destroy();
    figure.classList.remove('is-live');
    target.hidden = true;
  };
}

/**
 * @param {HTMLElement} target
 * @param {Chart} chart
 * @param {ChartFrame} frame
 * @returns {uPlot.Options}
 */
function optionsOf(target, { lines, unit, logarithmic }, frame) {
  const theme = readTheme(target);
  const font = `11px ${theme.font}`;
  const axis = { stroke: theme.muted, font, ticks: { show: false } };
  const grid = { stroke: theme.grid, width: 1 };
  const { min, max } = valueRange({ lines, logarithmic });
  const first = frame.t[0] ?? 0;
  const last = frame.t.at(-1) ?? 0;
  return {
    width: target.clientWidth,
    height: PLOT_HEIGHT,
    padding: [GUTTER, 20, 0, 0],
    scales: {
      x: {
        time: false,
        // Unless zoomed in, the whole plan is shown, also where the run ended early.
        range: (_plot, from, to) => (from <= first && to >= last ? [0, frame.endSeconds] : [from, to]),
      },
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- a const enum, which is not there at run time
      y: { distr: logarithmic ? 3 : 1, range: () => [min, max] },
    },
    axes: [
      {
        ...axis,
        size: 26,
        grid: { show: false },
        splits: (plot, _axis, from, to) => timeTicks(from, to, Math.max(2, Math.floor(plot.width / 90))),
        values: (_plot, splits) => splits.map(formatClock),
      },
      {
        ...axis,
        size: AXIS_WIDTH,
        grid,
        splits: (_plot, _axis, from, to) => valueTicks({ min: from, max: to }, unit, logarithmic),
        // uPlot's own choice of labels for logarithmic axes is not wanted: the ticks are few already.
        filter: (_plot, splits) => splits,
        values: (_plot, splits) => splits.map((split) => formatFigure(split, unit)),
      },
    ],
    series: [
      { label: 'time', value: (_plot, value) => (value === null ? '–' : formatClock(value)) },
      ...lines.map((line) => ({
        label: plainText(line.label),
        stroke: theme.tone(line.tone),
        width: 1.5,
        ...(line.dashed ? { dash: [5, 4] } : {}),
        points: { show: frame.t.length < 3 },
        /** @type {(plot: uPlot, value: number | null) => string} */
        value: (_plot, value) => formatFigure(value, unit),
      })),
    ],
    cursor: { sync: { key: 'cutover' }, points: { size: 6 }, drag: { x: true, y: false } },
    legend: { markers: { width: 2, dash: (_plot, index) => (lines[index - 1]?.dashed === true ? 'dashed' : 'solid') } },
    hooks: { drawClear: [(plot) => drawWindows(plot, frame, theme)] },
  };
}
