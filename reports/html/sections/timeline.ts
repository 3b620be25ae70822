import { formatClock, formatInstant, formatLength } from '../../format/figures.ts';
import { type Span, type WindowGroup, groupWindows } from '../../format/windows.ts';
import type { Verdict } from '../../model/verdict.ts';
import { chartDataOf, frameOf } from '../charts/chart.ts';
import { timelineStrip } from '../charts/strip.ts';
import { type Markup, html } from '../markup.ts';

/** Phases and faults: drawn on one clock, and as a table. */
export function timelineSection(verdict: Verdict): Markup {
  const rows = [
    ...verdict.phases.map((window) => ({ ...window, windows: [window], kind: 'phase' })),
    ...groupWindows(verdict.faults).map((group) => ({ ...group, kind: 'fault' })),
  ].toSorted((a, b) => a.startMs - b.startMs);
  return html`<section aria-labelledby="timeline">
    <h2 id="timeline">Phases and faults</h2>
    ${timelineStrip(frameOf(chartDataOf(verdict)))}
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

function row({ name, kind, detail, startMs, endMs, windows }: WindowGroup & { readonly kind: string }): Markup {
  return html`<tr class="kind-${kind}">
    <th scope="row">${name}</th>
    <td>${kind}</td>
    <td class="number">${formatClock(startMs / 1_000)}</td>
    <td class="number">${formatClock(endMs / 1_000)}</td>
    <td class="number">${lengths(windows)}</td>
    <td>${detail}${windows.length > 1 ? eachWindow(windows) : ''}</td>
  </tr> `;
}

/** "15 s"; of several "2 s each", "1.9 s – 2.1 s each". */
function lengths(windows: readonly Span[]): string {
  const all = windows.map(({ startMs, endMs }) => endMs - startMs);
  const [shortest, longest] = [Math.min(...all), Math.max(...all)].map(formatLength);
  const text = shortest === longest ? `${shortest}` : `${shortest} – ${longest}`;
  return windows.length > 1 ? `${text} each` : text;
}

function eachWindow(windows: readonly Span[]): Markup {
  const times = windows.map(({ startMs }) => formatInstant(startMs));
  return html` <details>
    <summary class="note">all ${windows.length} starts</summary>
    ${times.join(', ')}
  </details>`;
}
