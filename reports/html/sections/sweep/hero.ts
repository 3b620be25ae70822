import { formatLength, formatMoment, lengthMs } from '../../../format/figures.ts';
import { keepFiguresTogether } from '../../../format/plain-text.ts';
import { ANSWERS, cellCounts, endingText, loadText, outcomeWord, routeText } from '../../../format/sweep.ts';
import type { SweepEdge, SweepReport } from '../../../model/sweep.ts';
import { type Markup, html } from '../../markup.ts';
import { type Fact, heroOf } from '../hero.ts';

/** Which is the mildest fault that breaks a budget, edge by edge. */
export function sweepHero(report: SweepReport): Markup {
  const { experiment, outcome, run, cutover, edges, budgets, timeLimitMs, endingDetail } = report;
  const answered = answeredOf(report);
  const facts: Fact[] = [
    ['Edges', `${answered} of ${edges.length} answered`],
    ['Cells', cellCounts(report)],
    ['Load', loadText(report)],
    ['Must hold', keepFiguresTogether(budgets.join('; '))],
    ['Started', formatMoment(run.startedAt)],
    ['Took', `${formatLength(lengthMs(run))} of at most ${formatLength(timeLimitMs)}`],
    ['Run', html`<code>${run.id}</code>`],
    ['Seed', html`<code>${run.seed}</code>`],
    ['cutover', cutover],
  ];
  return heroOf({
    question: 'which is the mildest fault that breaks a budget?',
    outcome,
    word: outcomeWord(report),
    summary: shortAnswer(report),
    meaning: `${endingText(report)}${endingDetail === undefined ? '' : ` ${endingDetail}`}`,
    experiment,
    facts,
    picture: html`<ul class="edge-answers">
      ${edges.map(edgeAnswer)}
    </ul>`,
  });
}

function answeredOf({ edges }: SweepReport): number {
  return edges.filter(({ answer }) => answer !== 'unknown').length;
}

/** The answers themselves stand below it. */
function shortAnswer(report: SweepReport): string {
  if (report.outcome === 'pass') return 'Every edge has an answer.';
  const open = report.edges.length - answeredOf(report);
  return open === 0
    ? 'The sweep did not come to its end.'
    : `${open} of ${report.edges.length} edges without an answer.`;
}

const MARKS: Readonly<Record<SweepEdge['answer'], string>> = {
  breaks: ANSWERS.breaks.mark,
  holds: ANSWERS.holds.mark,
  unknown: ANSWERS.inconclusive.mark,
};

function edgeAnswer(edge: SweepEdge): Markup {
  return html`<li class="edge-answer edge-${edge.answer}">
    <span class="edge-mark" aria-hidden="true">${MARKS[edge.answer]}</span>
    <span
      ><strong>${edge.edge}</strong> <span class="note">${routeText(edge)}</span
      ><br />${keepFiguresTogether(edge.headline)}</span
    >
  </li> `;
}
