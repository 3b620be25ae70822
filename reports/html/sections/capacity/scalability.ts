import { type UslParameter, uslParameters } from '../../../format/capacity.ts';
import type { CapacityReport } from '../../../model/capacity.ts';
import { MODEL, scalabilityChart } from '../../charts/capacity-charts.ts';
import { type Markup, html } from '../../markup.ts';
import { pointFigure } from './charts.ts';

/** The Universal Scalability Law, where it could be fitted: why throughput stops rising. */
export function scalabilitySection(report: CapacityReport): Markup {
  const { usl, probes } = report;
  const chart = scalabilityChart(report);
  const outcomes = [...new Set(probes.map(({ outcome }) => outcome))];
  return html`<section aria-labelledby="scalability">
    <h2 id="scalability">How it scales</h2>
    ${
      usl.fitted
        ? html`<p class="note">
              The Universal Scalability Law, fitted to throughput over the number of requests in the system. It explains
              why throughput stops rising; the bracket above is measured, this is a model.
            </p>
            <div class="charts">
              ${chart === undefined ? '' : pointFigure('Scalability', 'throughput over requests in the system', chart, outcomes, [MODEL])}
              ${parameters(uslParameters(usl))}
            </div>`
        : html`<p>No model of how it scales was fitted: ${usl.reason}</p>`
    }
  </section>`;
}

function parameters(list: readonly UslParameter[]): Markup {
  return html`<dl class="chart parameters">
    ${list.map(
      ({ symbol, name, value, meaning }) =>
        html`<div>
          <dt><span class="symbol">${symbol}</span> ${name} <strong>${value}</strong></dt>
          <dd>${meaning}</dd>
        </div>`,
    )}
  </dl>`;
}
