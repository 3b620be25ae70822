import { formatFigure } from '../../format/figures.ts';
import { bySeverity, operationOf, subjectOf } from '../../format/outcomes.ts';
import { keepFiguresTogether } from '../../format/plain-text.ts';
import type { Check, Verdict } from '../../model/verdict.ts';
import { outcomeChip } from '../icons.ts';
import { type Markup, html } from '../markup.ts';

/** What did not hold, the worst first: why, and what to do about it. */
export function findings(verdict: Verdict): Markup | undefined {
  const open = bySeverity(verdict.checks).filter(({ outcome }) => outcome !== 'pass');
  if (open.length === 0) return undefined;
  return html`<section aria-labelledby="findings">
    <h2 id="findings">What did not hold</h2>
    <ul class="findings">
      ${open.map(finding)}
    </ul>
  </section>`;
}

/** Every check with its limit and what was measured. */
export function checksTable({ checks }: Verdict): Markup {
  if (checks.length === 0)
    return html`<section aria-labelledby="checks">
      <h2 id="checks">Checks</h2>
      <p>Nothing was checked.</p>
    </section>`;
  const columns = ['Outcome', 'Check', 'Limit', 'Measured', 'Events', 'Phase', 'Where'];
  const head = columns.map(
    (name) => html`<th role="columnheader" scope="col" ${name === 'Events' ? html` class="number"` : ''}>${name}</th>`,
  );
  return html`<section aria-labelledby="checks">
    <h2 id="checks">Checks</h2>
    <table class="checks stacking" role="table">
      <caption>
        Every budget, every drill and every condition of the run, those that did not hold first
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          ${head}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${bySeverity(checks).map(row)}
      </tbody>
    </table>
  </section>`;
}

function finding(check: Check): Markup {
  const { outcome, title, reason, hint, limit, measured, events, catalogue, evidence } = check;
  const figures = Object.entries(evidence);
  const subject = subjectOf(check);
  return html`<li class="finding is-${outcome}">
    <h3>
      ${outcomeChip(outcome)} ${title}${catalogue === undefined ? '' : html` <span class="tag">${catalogue}</span>`}
    </h3>
    <p class="reason">${keepFiguresTogether(reason)}</p>
    ${hint === undefined ? '' : html`<p class="hint"><strong>What to do:</strong> ${hint}</p>`}
    <dl class="pairs">
      <div>
        <dt>Limit</dt>
        <dd>${keepFiguresTogether(limit)}</dd>
      </div>
      <div>
        <dt>Measured</dt>
        <dd>${keepFiguresTogether(measured)}</dd>
      </div>
      <div>
        <dt>Events</dt>
        <dd>${formatFigure(events, 'count')}</dd>
      </div>
      ${
        subject === ''
          ? ''
          : html`<div>
              <dt>Where</dt>
              <dd>${subject}</dd>
            </div>`
      }
    </dl>
    ${
      figures.length === 0
        ? ''
        : html`<details>
            <summary>Figures behind it</summary>
            <dl class="evidence">
              ${figures.map(
                ([name, value]) =>
                  html`<div>
                    <dt><code>${name}</code></dt>
                    <dd>${typeof value === 'number' ? Number(value.toPrecision(6)) : String(value)}</dd>
                  </div>`,
              )}
            </dl>
          </details>`
    }
  </li>`;
}

/** The roles are the elements' own; they are said again because narrow screens show the cells as blocks. */
function row(check: Check): Markup {
  const { outcome, title, limit, measured, events, phase, catalogue } = check;
  const cell = (label: string, value: string, kind = '') =>
    html`<td role="cell" data-label="${label}" ${kind === '' ? '' : html` class="${kind}"`}>${value}</td>`;
  return html`<tr role="row" class="is-${outcome}">
    <td role="cell" class="outcome-cell">${outcomeChip(outcome)}</td>
    <th role="rowheader" scope="row">
      ${title}${catalogue === undefined ? '' : html` <span class="tag">${catalogue}</span>`}
    </th>
    ${cell('Limit', keepFiguresTogether(limit))}${cell('Measured', keepFiguresTogether(measured), 'measured')}${cell('Events', formatFigure(events, 'count'), 'number')}${cell('Phase', phase ?? '–')}${cell('Where', operationOf(check) || '–')}
  </tr> `;
}
