import {
  type EdgeDrillResult,
  checksOf,
  drillCounts,
  drillOutcome,
  drillTitle,
  isEdgeDrillResult,
  ownName,
  shortTitle,
} from '../../format/drills.ts';
import { formatFigure, formatInstant, formatSpan } from '../../format/figures.ts';
import { keepFiguresTogether } from '../../format/plain-text.ts';
import type { DrillResult, Verdict } from '../../model/verdict.ts';
import { drillBars } from '../charts/drill-bars.ts';
import { drillLegend, layerPatterns } from '../charts/drill-layers.ts';
import { drillPlot } from '../charts/drill-plot.ts';
import { outcomeChip } from '../icons.ts';
import { type Markup, html } from '../markup.ts';
import { detailsOf } from './details.ts';
import { ownChecks } from './own-checks.ts';

/** More than these are in verdict.json alone. */
const MARKS_LISTED = 200;

/** What each drill did, and what came of it: on an edge what arrived there, and what that shows of the caller. */
export function drillsSection(verdict: Verdict): Markup | undefined {
  const { drills } = verdict;
  if (drills.length === 0) return undefined;
  return html`<section aria-labelledby="drills">
    <h2 id="drills">Drills</h2>
    <p class="note">${explanation(drills)}</p>
    ${drills.some(isEdgeDrillResult) ? layerPatterns() : ''}
    <div class="drills">${drills.map((drill, index) => card(drill, `drill-${index + 1}`, verdict))}</div>
  </section>`;
}

function explanation(drills: readonly DrillResult[]): string {
  return [
    drills.some(isEdgeDrillResult)
      ? 'A drill on an edge does there what a bad day would do, step by step, and counts the requests that arrive, between the caller and the callee: what a caller does by itself shows here, also where its clients see nothing.'
      : [],
    drills.every(isEdgeDrillResult)
      ? []
      : 'A drill of a release does under load what the day of the cut-over will do, or what may go wrong on it.',
  ]
    .flat()
    .join(' ');
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
    ${isEdgeDrillResult(drill) ? picture(drill, id) : html`<div class="drill-lists">${stepList(drill)}${markList(drill)}</div>`}
    ${detailsOf(drill.details, id)}
    ${ownChecks(
      checks.map((check) => ({ ...check, title: shortTitle(check.title, drill) })),
      id,
    )}
  </article> `;
}

function picture(drill: EdgeDrillResult, id: string): Markup {
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
