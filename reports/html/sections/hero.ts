import { formatLength, formatMoment, lengthMs } from '../../format/figures.ts';
import { countOutcomes, withoutOutcome } from '../../format/outcomes.ts';
import { keepFiguresTogether } from '../../format/plain-text.ts';
import type { Outcome, Verdict } from '../../model/verdict.ts';
import { outcomeIcon } from '../icons.ts';
import { type Markup, html } from '../markup.ts';

const MEANING: Readonly<Record<Outcome, string>> = {
  pass: 'Fit to take the traffic, as far as it was checked: every check held.',
  fail: 'Not fit to take the traffic as it is: at least one check failed.',
  inconclusive: 'Decides nothing either way: something that had to be shown could not be shown.',
};

/** The verdict itself, what was run, and the facts of the run. */
export function hero(verdict: Verdict): Markup {
  const { experiment, outcome, summary, checks, run, cutover } = verdict;
  const facts: readonly Fact[] = [
    ['Started', formatMoment(run.startedAt)],
    ['Took', formatLength(lengthMs(run))],
    ['Checks', countOutcomes(checks.map((check) => check.outcome))],
    ['Run', html`<code>${run.id}</code>`],
    ['Seed', html`<code>${run.seed}</code>`],
    ['Plan', html`<code>${run.planSha256.slice(0, 12)}</code>`],
    ['cutover', cutover],
  ];
  return heroOf({
    question: 'may this service take the traffic?',
    outcome,
    summary,
    meaning: MEANING[outcome],
    experiment,
    facts,
  });
}

export type Fact = readonly [term: string, fact: Markup | string];

/** The answer in large letters, and what it is about. */
export function heroOf({
  question,
  outcome,
  word = outcome.toUpperCase(),
  summary,
  meaning,
  experiment,
  facts,
  picture,
}: {
  readonly question: string;
  readonly outcome: Outcome;
  /** In place of the outcome, where that is no verdict. */
  readonly word?: string;
  readonly summary: string;
  readonly meaning: string;
  readonly experiment: Verdict['experiment'];
  readonly facts: readonly Fact[];
  readonly picture?: Markup;
}): Markup {
  return html`<header class="hero is-${outcome}">
    <p class="kicker">cutover · ${question}</p>
    <h1>
      <span class="verdict">${outcomeIcon(outcome)}<span class="word">${word}</span></span>
      <span class="name">${experiment.name}</span>
    </h1>
    <p class="summary">${keepFiguresTogether(withoutOutcome(summary, outcome))}</p>
    <p class="meaning">${meaning}</p>
    <p class="description">${experiment.description}</p>
    ${picture}
    <dl class="facts">
      ${facts.map(
        ([term, fact]) =>
          html`<div>
            <dt>${term}</dt>
            <dd>${fact}</dd>
          </div>`,
      )}
    </dl>
  </header>`;
}

/** Shown when the run did not reach its planned end. */
export function stoppedBanner({ stoppedEarly }: Verdict): Markup | undefined {
  if (stoppedEarly === undefined) return undefined;
  return html`<p class="banner" role="note"><strong>Stopped early.</strong> ${stoppedEarly}</p>`;
}
