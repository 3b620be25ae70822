import { allCharts, frameOf } from '../charts/chart.ts';
import { mountChart } from './mount-chart.js';

/**
 * Puts an interactive chart in front of each one that stands still, and takes it away again for printing. Everything is in
 * the page already; this script only reads.
 *
 * @import { ChartData } from '../charts/chart.ts'
 */

/** @type {ChartData} */
const data = JSON.parse(document.getElementById('chart-data')?.textContent ?? '{}');
const frame = frameOf(data);
const darkMode = matchMedia('(prefers-color-scheme: dark)');

/** @type {(() => void)[]} */
let unmount = [];

function mountAll() {
  for (const remove of unmount) remove();
  unmount = allCharts(data).flatMap((chart) => {
    const figure = document.querySelector(`[data-chart="${chart.id}"]`);
    return figure instanceof HTMLElement && chart.lines.length > 0 ? [mountChart(figure, chart, frame)] : [];
  });
}

if (frame.t.length > 0) {
  mountAll();
  document.documentElement.classList.add('scripted');
  // Colours are drawn into the canvas.
  darkMode.addEventListener('change', mountAll);
}

/** @type {HTMLDetailsElement[]} */
let opened = [];
addEventListener('beforeprint', () => {
  opened = [...document.querySelectorAll('details')].filter((details) => !details.open);
  for (const details of opened) details.open = true;
});
addEventListener('afterprint', () => {
  for (const details of opened) details.open = false;
});
