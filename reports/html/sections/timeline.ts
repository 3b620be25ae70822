import { formatClock, formatLength } from '../../format/figures.ts';
import type { Verdict, Window } from '../../model/verdict.ts';
import { frameOf } from '../charts/chart.ts';
import { timelineStrip } from '../charts/strip.ts';
import { type Markup, html } from '../markup.ts';

/** Phases and faults: drawn on one clock, and as a table. */
export function timelineSection(verdict: Verdict): Markup {
  const rows = [
    ...verdict.phases.map((window) => ({ ...window, kind: 'phase' })),
    ...verdict.faults.map((window) => ({ ...window, kind: 'fault' })),
  ].toSorted((a, b) => a.startMs - b.startMs);
  return html`<section aria-labelledby="timeline">
    <h2 id="timeline">Phases and faults</h2>
    ${timelineStrip(frameOf(verdict))}
    <div class="scroll" tabindex="0" role="region" aria-label="Phases and faults">
      <table class="figures">
        <caption class="hidden">
          Phases and faults by their start
        </caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Kind</th>
            <th scope="col" class="number">From</th>
            <th scope="col" class="number">To</th>
            <th scope="col" class="number">Length</th>
            <th scope="col">What</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(row)}
        </tbody>
      </table>
    </div>
  </section>`;
}

function row({ name, kind, detail, startMs, endMs }: Window & { readonly kind: string }): Markup {
  return html`<tr class="kind-${kind}">
    <th scope="row">${name}</th>
    <td>${kind}</td>
    <td class="number">${formatClock(startMs / 1_000)}</td>
    <td class="number">${formatClock(endMs / 1_000)}</td>
    <td class="number">${formatLength(endMs - startMs)}</td>
    <td>${detail}</td>
  </tr> `;
}
