import { bracketText, endingText, headroomText, probeCounts } from '../../../format/capacity.ts';
import { formatLength, formatMoment, formatPercent, lengthMs } from '../../../format/figures.ts';
import { plainText } from '../../../format/plain-text.ts';
import type { CapacityReport } from '../../../model/capacity.ts';
import { headroomBar } from '../../charts/headroom.ts';
import { type Markup, html } from '../../markup.ts';
import { type Fact, heroOf } from '../hero.ts';

/** The answer, how far it is from the forecast, and what stood in the way. */
export function capacityHero(report: CapacityReport): Markup {
  const { experiment, outcome, summary, run, cutover, probes, limitingBudget, saturatedResource, precision } = report;
  const headroom = headroomText(report);
  const facts: Fact[] = [
    ['Highest rate that holds', bracketText(report)],
    ...(headroom === undefined ? [] : [['Headroom', headroom] as const]),
    ...(limitingBudget === undefined ? [] : [['Broke first', plainText(limitingBudget)] as const]),
    ...(saturatedResource === undefined ? [] : [['Nearest to its end', plainText(saturatedResource)] as const]),
    ['Probes', `${probes.length}: ${probeCounts(probes)}`],
    ['Precision', formatPercent(precision)],
    ['Started', formatMoment(run.startedAt)],
    ['Took', formatLength(lengthMs(run))],
    ['Run', html`<code>${run.id}</code>`],
    ['Seed', html`<code>${run.seed}</code>`],
    ['cutover', cutover],
  ];
  const picture = headroomBar(report);
  return heroOf({
    question: 'how much traffic does it take?',
    outcome,
    summary,
    meaning: endingText(report),
    experiment,
    facts,
    ...(picture === undefined ? {} : { picture }),
  });
}
