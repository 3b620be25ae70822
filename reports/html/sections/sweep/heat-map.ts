import { keepFiguresTogether } from '../../../format/plain-text.ts';
import { ANSWERS, routeText, severityText } from '../../../format/sweep.ts';
import type { SweepAnswer, SweepCell, SweepEdge, SweepReport, SweepRow } from '../../../model/sweep.ts';
import { type Markup, html } from '../../markup.ts';
import { reportLink } from '../../report-link.ts';

/** From this many times its limit on a budget is in the next shade of red. */
const SHADES = [1.5, 3, 10];

/** A table for each edge: a row a kind, its intensities from mild to severe. */
export function heatMaps({ edges }: SweepReport): Markup {
  return html`<section aria-labelledby="heat">
    <h2 id="heat">Edge by edge</h2>
    <ul class="legend flush heat-legend">
      ${Object.entries(ANSWERS).map(
        ([answer, { mark, word, meaning }]) =>
          html`<li><span class="heat heat-${answer}" aria-hidden="true">${mark}</span>${word}: ${meaning}</li>`,
      )}
    </ul>
    <p class="note">
      The darker the red, the further over its limit: the figure is measured ÷ limit. Each measured cell leads to its
      own report.
    </p>
    ${edges.map(heatMap)}
  </section>`;
}

function heatMap(edge: SweepEdge): Markup {
  const columns = Math.max(1, ...edge.rows.map(({ cells }) => cells.length));
  return html`<h3>${edge.edge} <span class="note">${routeText(edge)}</span></h3>
    <p>${keepFiguresTogether(edge.headline)}</p>
    ${
      edge.rows.length === 0
        ? ''
        : html`<div class="scroll" tabindex="0" role="region" aria-label="${edge.edge}">
            <table class="heat-map">
              <caption class="hidden">
                ${edge.edge}: kinds of faults, each from mild to severe
              </caption>
              <thead>
                <tr>
                  <th scope="col">Fault</th>
                  <th scope="colgroup" colspan="${columns}">mild → severe</th>
                  <th scope="col">Answer</th>
                </tr>
              </thead>
              <tbody>
                ${edge.rows.map((row) => heatRow(row, columns, edge))}
              </tbody>
            </table>
          </div>`
    }
    ${edge.leftOut.length === 0 ? '' : html`<p class="note">Not tried: ${edge.leftOut.map(({ kind, why }) => `${kind} (${why})`).join('; ')}.</p>`}`;
}

function heatRow(row: SweepRow, columns: number, { edge }: SweepEdge): Markup {
  const gap = columns - row.cells.length;
  return html`<tr>
    <th scope="row">
      ${row.kind} <span class="note">${row.intensity}${row.target === edge ? '' : `, on ${row.target}`}</span>
    </th>
    ${row.cells.map((cell, level) => heatCell(cell, level === row.mildest))}
    ${gap === 0 ? '' : html`<td class="heat-none" colspan="${gap}"></td>`}
    <td class="heat-summary">${keepFiguresTogether(row.summary)}</td>
  </tr> `;
}

function heatCell(cell: SweepCell, isMildest: boolean): Markup {
  const { mark, word } = ANSWERS[cell.answer];
  const what = cell.intensity === '' ? word : cell.intensity;
  const text = html`<span aria-hidden="true">${mark}</span>
    ${what}${cell.intensity === '' ? '' : html`<span class="hidden">: ${word}</span>`}`;
  const severity =
    cell.severity === undefined ? '' : html`<span class="heat-severity">${severityText(cell.severity)}</span>`;
  return html`<td
    class="heat heat-${shadeOf(cell)}${isMildest ? ' heat-mildest' : ''}"
    title="${cell.label}: ${cell.reason}"
  >
    ${cell.folder === undefined ? text : html`<a href="${reportLink(cell.folder)}">${text}</a>`}${severity}
  </td>`;
}

function shadeOf({ answer, severity }: SweepCell): SweepAnswer | `breaks shade-${number}` {
  if (answer !== 'breaks' || severity === undefined) return answer;
  return `breaks shade-${SHADES.filter((limit) => severity >= limit).length}`;
}
