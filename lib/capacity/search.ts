import { Answers, type Bracket } from './answers.ts';

/** What the search asks for next: hold this rate, and say whether the budgets did. */
export interface ProbeRequest {
  readonly perSecond: number;
  readonly purpose: 'first' | 'climb' | 'repeat' | 'narrow' | 'confirm';
}

export interface ProbeAnswer {
  readonly outcome: 'pass' | 'fail' | 'inconclusive';
  /** True when an inconclusive answer is the load generator's doing. */
  readonly generatorLimited: boolean;
  /** Throughput that was reached; when a probe fails it says where the system is saturated. */
  readonly achievedPerSecond?: number | undefined;
}

export interface SearchSettings {
  readonly fromPerSecond: number;
  readonly upToPerSecond: number;
  /** The search ends when first fail ÷ last pass ≤ 1 + precision. */
  readonly precision: number;
  readonly maxProbes: number;
}

export interface SearchEnd extends Bracket {
  readonly ending: 'found' | 'no-bound' | 'generator-limited' | 'nothing-held' | 'unstable' | 'out-of-probes';
}

/** A rate that is this much below the first one is no rate any more. */
const LEAST_SHARE = 1 / 32;
/** A failing probe that reached less than this share of its rate was saturated: what it reached is a guess. */
const SATURATED_SHARE = 0.98;
/** So many rates that answered both ways are no edge, but a system (or a machine) that does not answer. */
const MOST_CONTESTED = 3;

type Answer = ProbeAnswer['outcome'] | SearchEnd;
type Steps<Result> = Generator<ProbeRequest, Result, ProbeAnswer>;

/**
 * Looks for the highest rate that holds: doubles it until a probe fails, then narrows the bracket [last pass, first fail],
 * then confirms both ends. One probe that fails by chance must not become a ceiling: the first failure is repeated at once,
 * and an end of the bracket is believed when it has answered the same twice, and more often than otherwise. An end that
 * answers otherwise moves the bracket.
 *
 * A saturated system tells its capacity: rates a little below and above the throughput that a failing probe reached are
 * tried next, and only then the (geometric) middle of the bracket. A rate that answered both ways is near the edge too.
 *
 * Pure: yields what is to be probed, takes the answer, returns the end. Its rates have as many digits as the precision
 * needs, and `lastPass` and `firstFail` are rates that were probed.
 */
export function* search({ fromPerSecond, upToPerSecond, precision, maxProbes }: SearchSettings): Steps<SearchEnd> {
  const answers = new Answers();
  const round = roundTo(precision);
  // Two rates that are this far apart are a bracket that is narrow enough, with some room for rounding.
  const step = (1 + precision) ** 0.9;
  const guesses: number[] = [];
  let probes = 0;
  let limited = false;
  const end = (ending: SearchEnd['ending']): SearchEnd => ({ ending, ...answers.bracket() });

  /** One probe. `again`: right after a failure. Two in a row may have one cause, that passes: they count as one. */
  function* ask(perSecond: number, purpose: ProbeRequest['purpose'], again = false): Steps<Answer> {
    if (probes >= maxProbes) return end('out-of-probes');
    probes += 1;
    const { outcome, generatorLimited, achievedPerSecond } = yield { perSecond, purpose };
    limited = generatorLimited;
    if (outcome === 'inconclusive') return outcome;
    if (outcome === 'pass' || !again) answers.add(perSecond, outcome);
    if (outcome === 'fail' && achievedPerSecond !== undefined && achievedPerSecond < perSecond * SATURATED_SHARE) {
      guesses.push(...[-1.5, 1.5, 0.5, -0.5].map((steps) => achievedPerSecond * step ** steps));
    }
    const contested = answers.contested();
    if (contested.length >= MOST_CONTESTED) return end('unstable');
    if (contested.includes(perSecond)) {
      guesses.push(answers.holds(perSecond) ? perSecond * step ** 0.7 : perSecond / step ** 0.7);
    }
    return outcome;
  }

  /** One rate; an inconclusive answer is asked for again once. Returns the end of the search when there is no answer. */
  function* probe(perSecond: number, purpose: ProbeRequest['purpose']): Steps<'pass' | 'fail' | SearchEnd> {
    let answer = yield* ask(perSecond, purpose);
    if (answer === 'inconclusive') answer = yield* ask(perSecond, 'repeat');
    return answer === 'inconclusive' ? end(limited ? 'generator-limited' : 'unstable') : answer;
  }

  /** Up to the first rate that fails, and does not hold when it is tried once more. */
  function* climb(start: number): Steps<SearchEnd | undefined> {
    for (let rate = start; ; rate = Math.min(rate * 2, upToPerSecond)) {
      let answer: Answer = yield* probe(rate, probes === 0 ? 'first' : 'climb');
      if (answer === 'fail') answer = yield* ask(rate, 'repeat', true);
      if (typeof answer === 'object') return answer;
      if (answer !== 'pass') return undefined;
      if (rate >= upToPerSecond) return end('no-bound');
    }
  }

  /** Down to a rate that holds. */
  function* descend(firstFail: number): Steps<SearchEnd | undefined> {
    for (let failed = firstFail; ;) {
      const rate = round(nextGuess(0, failed) ?? failed / 2);
      if (rate < fromPerSecond * LEAST_SHARE) return end('nothing-held');
      const answer = yield* probe(rate, 'narrow');
      if (answer !== 'fail') return answer === 'pass' ? undefined : answer;
      failed = rate;
    }
  }

  /** The newest guess that lies in the bracket and narrows it. Guesses are used up. */
  function nextGuess(low: number, high: number): number | undefined {
    const room = 1 + precision / 4;
    for (let guess = guesses.pop(); guess !== undefined; guess = guesses.pop()) {
      if (guess > low * room && guess < high / room) return guess;
    }
    return undefined;
  }

  let ended = yield* climb(Math.min(fromPerSecond, upToPerSecond));
  while (ended === undefined) {
    const { lastPass, firstFail } = answers.bracket();
    if (lastPass === undefined) {
      ended = yield* descend(firstFail ?? fromPerSecond);
    } else if (firstFail === undefined) {
      if (lastPass >= upToPerSecond) return end('no-bound');
      ended = yield* climb(Math.min(lastPass * 2, upToPerSecond));
    } else {
      const near = firstFail / lastPass <= 1 + precision;
      const open = near ? [lastPass, firstFail].find((rate) => !answers.isConfirmed(rate)) : undefined;
      if (near && open === undefined) return end('found');
      const middle = () => nextGuess(lastPass, firstFail) ?? Math.sqrt(lastPass * firstFail);
      const answer: 'pass' | 'fail' | SearchEnd =
        open === undefined ? yield* probe(round(middle()), 'narrow') : yield* probe(open, 'confirm');
      if (typeof answer === 'object') ended = answer;
    }
  }
  return ended;
}

/** Rates that people can say, and fine enough: 3 digits for 5 %, 4 for 1 %. */
function roundTo(precision: number): (perSecond: number) => number {
  const digits = Math.min(15, Math.max(3, 1 + Math.ceil(Math.log10(2 / precision))));
  return (perSecond) => Number(perSecond.toPrecision(digits));
}
