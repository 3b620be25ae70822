import { formatClock, formatFigure, formatPercent } from '../../format/figures.ts';
import type { Operation, Verdict } from '../../model/verdict.ts';
import { type Markup, html } from '../markup.ts';

const COLUMNS = ['Protocol', 'Requests', 'Failed', 'Mean', 'p50', 'p90', 'p95', 'p99', 'p99.9'];

/** One table a phase, in the run's order; those that a check looks at are open. */
export function operationsSection({ operations, phases, checks, comparison }: Verdict): Markup {
  // The phase of a comparison has two tables, one for the blocks of each side.
  const parts = (name: string | undefined) =>
    name !== undefined && name === comparison?.phase ? [name, `${name} baseline`, `${name} candidate`] : [name];
  const judged = new Set(checks.flatMap(({ phase }) => parts(phase)));
  const planned = phases.flatMap(({ name }) => parts(name)).filter((name) => name !== undefined);
  const names = [...new Set([...planned, ...operations.map(({ phase }) => phase)])];
  const tables = names.flatMap((name) => {
    const rows = operations.filter(({ phase }) => phase === name);
    const window = phases.find((phase) => phase.name === name);
    const when =
      window === undefined
        ? ''
        : `${formatClock(window.startMs / 1_000)}–${formatClock(window.endMs / 1_000)}, ${window.detail}`;
    return rows.length === 0 ? [] : [phaseTable(name, when, rows, judged.has(name))];
  });
  return html`<section aria-labelledby="operations">
    <h2 id="operations">Operations</h2>
    <p class="note">Succeeded and failed requests together, by the phase in which they were started.</p>
    ${tables.length === 0 ? html`<p>No requests were seen.</p>` : tables}
  </section>`;
}

function phaseTable(name: string, when: string, rows: readonly Operation[], open: boolean): Markup {
  const head = COLUMNS.map(
    (column) => html`<th scope="col" ${column === 'Protocol' ? '' : html` class="number"`}>${column}</th>`,
  );
  return html`<details class="phase-table" ${open ? html` open` : ''}>
    <summary><span class="phase-name">${name}</span> <span class="note">${when}</span></summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Operations in ${name}">
      <table class="figures">
        <caption class="hidden">
          Operations in ${name}
        </caption>
        <thead>
          <tr>
            <th scope="col">Operation</th>
            ${head}
          </tr>
        </thead>
        <tbody>
          ${rows.map(operationRow)}
        </tbody>
      </table>
    </div>
  </details> `;
}

function operationRow({ operation, protocol, requests, failed, meanMs, quantiles }: Operation): Markup {
  const { p50, p90, p95, p99, p999 } = quantiles;
  const times = [meanMs, p50, p90, p95, p99, p999].map(
    (value) => html`<td class="number">${formatFigure(value, 'ms')}</td>`,
  );
  const share = failed === 0 ? '' : html` <span class="note">(${formatPercent(failed / requests)})</span>`;
  return html`<tr>
    <th scope="row">${operation}</th>
    <td>${protocol}</td>
    <td class="number">${formatFigure(requests, 'count')}</td>
    <td class="number${failed > 0 ? ' bad' : ''}">${formatFigure(failed, 'count')}${share}</td>
    ${times}
  </tr> `;
}
