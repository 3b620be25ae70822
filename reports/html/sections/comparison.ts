import {
  comparisonDesign,
  comparisonTitle,
  formatCompared,
  formatEffect,
  formatInterval,
  formatSize,
} from '../../format/comparison.ts';
import { formatPercent } from '../../format/figures.ts';
import { keepFiguresTogether } from '../../format/plain-text.ts';
import type { Compared, ComparisonResult, Verdict } from '../../model/verdict.ts';
import { blockStrip } from '../charts/blocks.ts';
import { intervalPlot } from '../charts/interval.ts';
import { markLegend } from '../charts/marks.ts';
import { outcomeChip } from '../icons.ts';
import { type Markup, html } from '../markup.ts';

const NUMBERS: ReadonlySet<string> = new Set(['Baseline', 'Candidate', 'Noise (CV)', 'Can tell from']);
const COLUMNS = [
  'Figure',
  'Outcome',
  'Baseline',
  'Candidate',
  'Effect',
  'Interval against the margin',
  'Noise (CV)',
  'Can tell from',
];

/** Two versions on one machine in turn: how far apart they are, how sure that is, and each block that it rests on. */
export function comparisonSection({ comparison }: Verdict): Markup | undefined {
  if (comparison === undefined) return undefined;
  const { baseline, candidate, sameOnPurpose, rows } = comparison;
  return html`<section aria-labelledby="comparison">
    <h2 id="comparison">${comparisonTitle(comparison)}</h2>
    <dl class="pairs stacked sides">
      <div>
        <dt>Baseline</dt>
        <dd>${baseline}</dd>
      </div>
      <div>
        <dt>Candidate</dt>
        <dd>${candidate}${sameOnPurpose ? html` <span class="tag">the same on purpose</span>` : ''}</dd>
      </div>
      <div>
        <dt>Design</dt>
        <dd>${keepFiguresTogether(comparisonDesign(comparison))}</dd>
      </div>
    </dl>
    <p class="note">${explanation(comparison)}</p>
    ${rows.length === 0 ? html`<p>Nothing was compared.</p>` : [table(rows), strips(comparison)]}
  </section>`;
}

function explanation({ sameOnPurpose, confidence }: ComparisonResult): string {
  const same = sameOnPurpose
    ? 'Both sides are the same, so what differs is the noise of this machine: a real effect must be larger to be told. '
    : '';
  return `${same}Each block gives one value. A row passes when its whole interval is within the margin, else fails when the whole interval is on the worse side of no difference; where neither is so, more blocks are needed. Of comparisons of two equal sides at most ${formatPercent(1 - confidence)} come out red.`;
}

function table(rows: readonly Compared[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Compared figures">
    <table class="figures compared stacking" role="table">
      <caption class="hidden">
        Compared figures: medians of the blocks, and the candidate's effect
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          ${COLUMNS.map(
            (name) =>
              html`<th role="columnheader" scope="col" ${NUMBERS.has(name) ? html` class="number"` : ''}>${name}</th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map(tableRow)}
      </tbody>
    </table>
  </div>`;
}

/** As in the table of checks: the roles are said again because narrow screens show the cells as blocks. */
function tableRow(row: Compared): Markup {
  const { title, outcome, baseline, candidate, estimate, noise, detectable, higherIsBetter } = row;
  const better = higherIsBetter ? html` <span class="note">more is better</span>` : '';
  const interval = estimate === undefined ? '' : html` <span class="note">${formatInterval(row)}</span>`;
  const number = (label: string, text: string) =>
    html`<td role="cell" data-label="${label}" class="number">${text}</td>`;
  return html`<tr role="row" class="is-${outcome}">
    <th role="rowheader" scope="row">${title}${better}</th>
    <td role="cell">${outcomeChip(outcome)}</td>
    ${number('Baseline', formatCompared(baseline, row))}${number('Candidate', formatCompared(candidate, row))}
    <td role="cell" data-label="Effect" class="effect">
      <span><strong>${formatEffect(estimate, row)}</strong>${interval}</span>
    </td>
    <td role="cell" class="interval-cell">${intervalPlot(row) ?? html`<span class="note">too few blocks</span>`}</td>
    ${number('Noise (CV)', formatSize(noise, row))}${number('Can tell from', formatSize(detectable, row))}
  </tr> `;
}

function strips({ rows, blockMs, settleMs }: ComparisonResult): Markup {
  const drawn = rows.filter(({ blocks }) => blocks.length > 0);
  if (drawn.length === 0) return html``;
  const missing = drawn.some(({ blocks }) => blocks.some(({ value }) => value === null));
  return html`<h3>Block by block</h3>
    <ul class="legend flush">
      ${markLegend([['baseline', 'baseline'], ['candidate', 'candidate'], ...(missing ? [['missing', 'no data'] as const] : [])])}
    </ul>
    <div class="charts">
      ${drawn.map(
        (row) =>
          html`<figure class="chart">
            <figcaption>
              <span class="chart-title">${row.title}</span> <span class="chart-unit">by block, in order of time</span>
            </figcaption>
            ${blockStrip(row, blockMs - settleMs)}
          </figure> `,
      )}
    </div>`;
}
