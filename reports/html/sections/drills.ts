import { checksOf, drillCounts, drillOutcome, drillTitle, ownName, shortTitle } from '../../format/drills.ts';
import { formatFigure, formatInstant, formatSpan } from '../../format/figures.ts';
import { keepFiguresTogether } from '../../format/plain-text.ts';
import type { Check, DrillResult, Verdict } from '../../model/verdict.ts';
import { drillBars } from '../charts/drill-bars.ts';
import { drillLegend, layerPatterns } from '../charts/drill-layers.ts';
import { drillPlot } from '../charts/drill-plot.ts';
import { outcomeChip } from '../icons.ts';
import { type Markup, html } from '../markup.ts';

/** More than these are in verdict.json alone. */
const MARKS_LISTED = 200;
const COLUMNS = ['Outcome', 'Check', 'Limit', 'Measured', 'Why'];

/** What each drill did to an edge, what arrived there, and what that shows of the caller. */
export function drillsSection(verdict: Verdict): Markup | undefined {
  const { drills } = verdict;
  if (drills.length === 0) return undefined;
  return html`<section aria-labelledby="drills">
    <h2 id="drills">Drills</h2>
    <p class="note">
      Each drill does to an edge what a bad day would do, step by step, and counts the requests that arrive there,
      between the caller and the callee: what a caller does by itself shows here, also where its clients see nothing.
    </p>
    ${layerPatterns()}
    <div class="drills">${drills.map((drill, index) => card(drill, `drill-${index + 1}`, verdict))}</div>
  </section>`;
}

function card(drill: DrillResult, id: string, verdict: Verdict): Markup {
  const checks = checksOf(drill, verdict);
  const outcome = drillOutcome(checks);
  const name = ownName(drill);
  return html`<article class="drill is-${outcome}" aria-labelledby="${id}">
    <h3 id="${id}">
      ${outcomeChip(outcome)} ${drillTitle(drill)} ${name === undefined ? '' : html` <span class="tag">${name}</span>`}
    </h3>
    <dl class="pairs">
      <div>
        <dt>Declared</dt>
        <dd>${keepFiguresTogether(drill.contract)}</dd>
      </div>
      <div>
        <dt>Checks</dt>
        <dd>${drillCounts(checks)}</dd>
      </div>
    </dl>
    ${picture(drill, id)}${checksTable(checks, drill, id)}
  </article> `;
}

function picture(drill: DrillResult, id: string): Markup {
  const bars = drillBars(drill);
  const silent = bars.layers.every(({ total }) => total === 0);
  return html`<figure class="drill-picture">
    <figcaption class="chart-unit">
      Requests that arrived on ${drill.edge}, a second, in bars of ${formatFigure(bars.barMs, 'ms')}; seconds since the
      load's start
    </figcaption>
    ${drillPlot(drill, bars, id)}${drillLegend(bars)}
    ${silent ? html`<p class="note">Nothing arrived on the edge.</p>` : ''}
    <div class="drill-lists">${stepList(drill)}${markList(drill)}</div>
  </figure>`;
}

/** The key to the numbers in the picture. */
function stepList(drill: DrillResult): Markup | undefined {
  if (drill.steps.length === 0) return undefined;
  const items = drill.steps.map(
    (step) =>
      html`<li>
        <strong>${step.name}</strong>
        <span class="note">${formatSpan(step)}${step.detail === '' ? '' : `, ${step.detail}`}</span>
      </li>`,
  );
  return html`<ol class="drill-steps" aria-label="Steps">
    ${items}
  </ol>`;
}

function markList({ marks }: DrillResult): Markup | undefined {
  if (marks.length === 0) return undefined;
  const left = marks.length - MARKS_LISTED;
  const items = marks
    .slice(0, MARKS_LISTED)
    .map(({ atMs, text }) => html`<li><span class="note">${formatInstant(atMs)}</span> ${text}</li>`);
  return html`<details class="drill-marks">
    <summary>${marks.length === 1 ? '1 mark' : `${formatFigure(marks.length, 'count')} marks`}</summary>
    <ol>
      ${items}
    </ol>
    ${left > 0 ? html`<p class="note">${formatFigure(left, 'count')} more are in verdict.json.</p>` : ''}
  </details>`;
}

function checksTable(checks: readonly Check[], drill: DrillResult, id: string): Markup {
  if (checks.length === 0) return html`<p>Nothing was checked.</p>`;
  return html`<table class="drill-checks stacking" role="table" aria-labelledby="${id}">
    <thead role="rowgroup">
      <tr role="row">
        ${COLUMNS.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${checks.map((check) => row({ ...check, title: shortTitle(check.title, drill) }))}
    </tbody>
  </table>`;
}

/** As in the table of checks: the roles are said again because narrow screens show the cells as blocks. */
function row({ outcome, title, catalogue, limit, measured, reason }: Check): Markup {
  const cell = (label: string, value: string) =>
    html`<td role="cell" data-label="${label}">${keepFiguresTogether(value)}</td>`;
  return html`<tr role="row" class="is-${outcome}">
    <td role="cell" class="outcome-cell">${outcomeChip(outcome)}</td>
    <th role="rowheader" scope="row">
      ${catalogue === undefined ? '' : html`<span class="tag">${catalogue}</span> `}${title}
    </th>
    ${cell('Limit', limit)}${cell('Measured', measured)}${cell('Why', reason)}
  </tr> `;
}
