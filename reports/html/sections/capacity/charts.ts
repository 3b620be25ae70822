import type { CapacityReport, Probe } from '../../../model/capacity.ts';
import { IDEAL, latencyChart, throughputChart } from '../../charts/capacity-charts.ts';
import { type MarkKind, markLegend } from '../../charts/marks.ts';
import { type Curve, type PointChart, pointChart } from '../../charts/point-chart.ts';
import { type Markup, html } from '../../markup.ts';

const LABELS: Readonly<Record<Probe['outcome'], string>> = {
  pass: 'every budget held',
  fail: 'a budget broke',
  inconclusive: 'inconclusive',
};

/** Throughput and latency against the rate that was offered. */
export function capacityCharts(report: CapacityReport): Markup {
  const { probes, lastPassPerSecond, firstFailPerSecond } = report;
  const latency = latencyChart(report);
  const outcomes = (Object.keys(LABELS) as Probe['outcome'][]).filter((outcome) =>
    probes.some((probe) => probe.outcome === outcome),
  );
  const bracketed = lastPassPerSecond !== undefined && firstFailPerSecond !== undefined;
  return html`<section aria-labelledby="curve">
    <h2 id="curve">Throughput and latency against load</h2>
    ${
      probes.length === 0
        ? html`<p>No rate was tried.</p>`
        : html`<p class="note">
              Each point is one
              probe.${bracketed ? ' The bracket between the last rate that held and the first that did not is shaded.' : ''}
            </p>
            <div class="charts wide">
              ${pointFigure('Throughput', 'achieved against offered, iterations a second', throughputChart(report), outcomes, [IDEAL])}${latency === undefined ? '' : pointFigure('p99', 'logarithmic, against offered iterations a second', latency, outcomes, [])}
            </div>`
    }
  </section>`;
}

export function pointFigure(
  title: string,
  subtitle: string,
  chart: PointChart,
  outcomes: readonly Probe['outcome'][],
  curves: readonly Omit<Curve, 'points'>[],
): Markup {
  const marks = outcomes.map((outcome): readonly [MarkKind, string] => [outcome, LABELS[outcome]]);
  return html`<figure class="chart">
    <figcaption><span class="chart-title">${title}</span> <span class="chart-unit">${subtitle}</span></figcaption>
    ${pointChart(chart)}
    <ul class="legend">
      ${markLegend(marks)}${curves.map(
        ({ label, tone, dashed }) =>
          html`<li>
            <svg class="swatch" width="18" height="8" aria-hidden="true">
              <line x1="0" y1="4" x2="18" y2="4" class="line tone-${tone}${dashed ? ' dashed' : ''}" /></svg
            >${label}
          </li>`,
      )}
    </ul>
  </figure> `;
}
