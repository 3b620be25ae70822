import { keepFiguresTogether } from '../../format/plain-text.ts';
import type { Check } from '../../model/verdict.ts';
import { outcomeChip } from '../icons.ts';
import { type Markup, html } from '../markup.ts';

const COLUMNS = ['Outcome', 'Check', 'Limit', 'Measured', 'Why'];

/** The checks of one part of the report, as a table that is labelled by the part's heading `id`. */
export function ownChecks(checks: readonly Check[], id: string): Markup {
  if (checks.length === 0) return html`<p>Nothing was checked.</p>`;
  return html`<table class="drill-checks stacking" role="table" aria-labelledby="${id}">
    <thead role="rowgroup">
      <tr role="row">
        ${COLUMNS.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${checks.map(row)}
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
