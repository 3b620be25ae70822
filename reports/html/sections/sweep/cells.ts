import { keepFiguresTogether } from '../../../format/plain-text.ts';
import { ANSWERS, type PlacedCell, bySeverity, severityText } from '../../../format/sweep.ts';
import type { SweepReport } from '../../../model/sweep.ts';
import { type Markup, html } from '../../markup.ts';
import { reportLink } from '../../report-link.ts';

/** Every cell that was measured, the worst first, with the way to its own report. */
export function cellsSection(report: SweepReport): Markup | undefined {
  const cells = bySeverity(report);
  if (cells.length === 0) return undefined;
  return html`<section aria-labelledby="cells">
    <h2 id="cells">By severity</h2>
    <p class="note">
      What was measured, the worst first. The number is the cell's place in the order of time. A cell that breaks is no
      failure of the sweep: it is what was looked for.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Cells by severity">
      <table class="figures swept stacking" role="table">
        <caption class="hidden">
          Cells by severity
        </caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">Fault</th>
            <th role="columnheader" scope="col">Answer</th>
            <th role="columnheader" scope="col">Edge</th>
            <th role="columnheader" scope="col" class="number">Over its limit</th>
            <th role="columnheader" scope="col">Why</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${cells.map(cellRow)}
        </tbody>
      </table>
    </div>
  </section>`;
}

/** As in the table of checks: the roles are said again because narrow screens show the cells as blocks. */
function cellRow({ edge, row, cell }: PlacedCell): Markup {
  const { mark, word } = ANSWERS[cell.answer];
  const name = html`${cell.label}
    <span class="note">#${cell.index ?? ''}${cell.tries > 1 ? ', second try' : ''}</span>`;
  return html`<tr role="row">
    <th role="rowheader" scope="row">
      ${cell.folder === undefined ? name : html`<a href="${reportLink(cell.folder)}">${name}</a>`}
    </th>
    <td role="cell"><span class="heat heat-${cell.answer}">${mark} ${word}</span></td>
    <td role="cell" data-label="Edge">${edge.edge}${row.target === edge.edge ? '' : ` (${row.target})`}</td>
    <td role="cell" data-label="Over" class="number">${severityText(cell.severity)}</td>
    <td role="cell" class="why">${keepFiguresTogether(cell.reason)}</td>
  </tr> `;
}
