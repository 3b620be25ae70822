import type { Verdict } from '../../model/verdict.ts';
import {
  type Chart,
  type ChartFrame,
  chartDataOf,
  errorsChart,
  frameOf,
  latencyCharts,
  loadChart,
  resourceCharts,
  startLagChart,
} from '../charts/chart.ts';
import { legend, staticChart } from '../charts/static-chart.ts';
import { type Markup, html } from '../markup.ts';

const SUBTITLES: Readonly<Record<string, string>> = {
  cpu: 'cores, by source',
  memory: 'resident, by source',
  heap: 'in use, by service',
  'gc-pause': 'pauses in each second, by service',
};

/** All charts as SVG; the script puts interactive ones in front of them. `stretch`: of how many seconds two are drawn. */
export function chartsSection(verdict: Verdict, stretch: number): Markup {
  const frame = frameOf(chartDataOf(verdict));
  if (frame.t.length === 0) {
    return html`<section aria-labelledby="charts">
      <h2 id="charts">Over time</h2>
      <p>No second of the load was observed.</p>
    </section>`;
  }
  const latency = latencyCharts(verdict);
  const lag = startLagChart(verdict);
  const scale = latency.some(({ logarithmic }) => logarithmic) ? ', logarithmic scale' : '';
  return html`<section aria-labelledby="charts">
    <h2 id="charts">Over time</h2>
    <p class="note">
      Minutes and seconds since the load's start. Phases are named above each chart; faults are tinted and marked with
      their name.${stretch > 1 ? ` Of every ${stretch} s the lowest and the highest value are drawn.` : ''}<span
        class="needs-script"
      >
        Drag to zoom all charts, double-click to zoom out, click a legend entry to hide its line.</span
      >
    </p>
    <div class="charts wide">${figure(loadChart(verdict), 'iterations a second', frame)}</div>
    <h3>Latency by operation</h3>
    <p class="note">Succeeded and failed requests, protocols together${scale}.</p>
    <div class="charts">${latency.map((chart) => figure(chart, `p50, p95, p99${scale}`, frame))}</div>
    <h3>Errors and resources</h3>
    <div class="charts">
      ${figure(errorsChart(verdict), 'a second, by operation', frame)}${resourceCharts(verdict).map((chart) => figure(chart, SUBTITLES[chart.id] ?? '', frame))}
    </div>
    ${
      lag === undefined
        ? ''
        : html`<h3>Load generator</h3>
            <div class="charts">${figure(lag, 'how late iterations started', frame)}</div>`
    }
  </section>`;
}

function figure(chart: Chart, subtitle: string, frame: ChartFrame): Markup {
  return html`<figure class="chart" data-chart="${chart.id}">
    <figcaption><span class="chart-title">${chart.title}</span> <span class="chart-unit">${subtitle}</span></figcaption>
    ${
      chart.lines.length === 0
        ? html`<p class="note">No data.</p>`
        : html`<div class="static">${staticChart(chart, frame)}${legend(chart.lines)}</div>
            <div class="live" hidden></div>`
    }
  </figure> `;
}
