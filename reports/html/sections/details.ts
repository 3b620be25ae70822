import { stageTotal } from '../../format/details.ts';
import { formatFigure, formatLength, formatSpan } from '../../format/figures.ts';
import { keepFiguresTogether } from '../../format/plain-text.ts';
import type { Detail, DetailOf } from '../../model/verdict.ts';
import { percent } from '../charts/place.ts';
import { position } from '../charts/scale.ts';
import { type Markup, html } from '../markup.ts';

/** CSS pixels: a bar and the room around it. */
const BAR = 14;
/** Deeper spans stand below one another all the same. */
const DEEPEST = 8;

/** Tables, stages and traces of a drill or of a part of the report. `id` is the part's own. */
export function detailsOf(details: readonly Detail[], id: string): Markup[] {
  return details.map((detail, index) => one(detail, `${id}-detail-${index + 1}`));
}

function one(detail: Detail, id: string): Markup {
  switch (detail.kind) {
    case 'table':
      return table(detail, id);
    case 'stages':
      return stages(detail, id);
    case 'trace':
      return trace(detail, id);
    default:
      return detail satisfies never;
  }
}

function table({ title, columns, rows, more }: DetailOf<'table'>, id: string): Markup {
  return html`<div class="detail">
    <h4 id="${id}">${title}</h4>
    ${
      rows.length === 0
        ? html`<p class="note">None.</p>`
        : html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}">
            <table class="figures">
              <thead>
                <tr>
                  ${columns.map((name) => html`<th scope="col">${name}</th>`)}
                </tr>
              </thead>
              <tbody>
                ${rows.map(
                  (cells) =>
                    html`<tr>
                      ${cells.map((cell) => html`<td>${keepFiguresTogether(cell)}</td>`)}
                    </tr> `,
                )}
              </tbody>
            </table>
          </div>`
    }
    ${
      more === undefined
        ? ''
        : html`<p class="note">${formatFigure(more.rows, 'count')} more are in <code>${more.file}</code>.</p>`
    }
  </div>`;
}

/** One bar for each, on one scale; the limit is a line through all of them. */
function stages(detail: DetailOf<'stages'>, id: string): Markup {
  const { title, stages: shown, limitMs } = detail;
  const startMs = Math.min(...shown.map((stage) => stage.startMs));
  const endMs = Math.max(limitMs ?? -Infinity, ...shown.map((stage) => stage.endMs));
  const share = shareIn(startMs, endMs);
  return html`<div class="detail">
    <h4 id="${id}">${title}</h4>
    ${
      shown.length === 0
        ? html`<p class="note">None of its stages was reached.</p>`
        : html`<p class="note">${stageTotal(detail)}</p>
            <table class="bars" aria-labelledby="${id}">
              <tbody>
                ${shown.map(
                  ({ name, detail: text, ...window }) =>
                    html`<tr>
                      <th scope="row">${name}</th>
                      <td class="number">${formatLength(window.endMs - window.startMs)}</td>
                      <td class="bar-cell">
                        ${bar(share(window.startMs), share(window.endMs), 'stage', limitMs === undefined ? undefined : share(limitMs))}
                      </td>
                      <td class="note">${formatSpan(window)}${text === '' ? '' : `, ${text}`}</td>
                    </tr> `,
                )}
              </tbody>
            </table>`
    }
  </div>`;
}

function trace({ title, traceId, spans }: DetailOf<'trace'>, id: string): Markup {
  const startMs = Math.min(0, ...spans.map((span) => span.startMs));
  const endMs = Math.max(...spans.map((span) => span.endMs));
  const share = shareIn(startMs, endMs);
  return html`<div class="detail">
    <h4 id="${id}">${title}</h4>
    <p class="note">Trace <code>${traceId}</code>, ${formatFigure(spans.length, 'count')} spans</p>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="${id}">
      <table class="bars trace">
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">Span</th>
            <th scope="col" class="number">Took</th>
            <th scope="col">When</th>
            <th scope="col">Status</th>
          </tr>
        </thead>
        <tbody>
          ${spans.map(
            (span) =>
              html`<tr class="${span.status === 'ok' ? '' : 'is-fail'}">
                <td>${span.service}</td>
                <th scope="row" class="depth-${Math.min(DEEPEST, span.depth)}">
                  ${span.name}${span.note === undefined ? '' : html` <span class="tag">${span.note}</span>`}
                </th>
                <td class="number">${formatLength(span.endMs - span.startMs)}</td>
                <td class="bar-cell">
                  ${bar(share(span.startMs), share(span.endMs), span.status === 'ok' ? 'span' : 'span failed')}
                </td>
                <td>${span.status}</td>
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
  </div>`;
}

/** Where a moment lies between two, 0–1. */
function shareIn(startMs: number, endMs: number): (ms: number) => number {
  return (ms) => Math.min(1, Math.max(0, position(ms, { min: startMs, max: endMs }, false)));
}

/** What is shorter than can be seen is still drawn. */
function bar(from: number, to: number, kind: string, limit?: number): Markup {
  const width = Math.max(0.004, to - from);
  return html`<svg width="100%" height="${BAR}" aria-hidden="true">
    <rect
      class="${kind}"
      x="${percent(Math.min(from, 1 - width))}"
      width="${percent(width)}"
      y="2"
      height="${BAR - 4}"
      rx="2"
    />
    ${limit === undefined ? '' : html`<line class="limit" x1="${percent(limit)}" x2="${percent(limit)}" y1="0" y2="${BAR}" />`}
  </svg>`;
}
