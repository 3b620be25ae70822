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

export interface SearchEnd {
  readonly ending: 'found' | 'no-bound' | 'generator-limited' | 'nothing-held' | 'unstable' | 'out-of-probes';
  readonly lastPass: number | undefined;
  readonly firstFail: number | undefined;
}

/** A rate that is this much below the first one is no rate any more. */
const LEAST_SHARE = 1 / 32;

type Steps<Result> = Generator<ProbeRequest, Result, ProbeAnswer>;

/**
 * Looks for the highest rate that holds: doubles it until a probe fails, then narrows the bracket [last pass, first fail],
 * then confirms both ends. One probe that fails by chance must not become a ceiling: the first failure is repeated at once,
 * and both ends are tried again before they are believed; an end that answers otherwise the second time moves the bracket.
 *
 * A saturated system tells its capacity: the throughput that a failing probe reached is tried next, a little less and a
 * little more, and only then the middle (geometric) of the bracket.
 *
 * Pure: yields what is to be probed, takes the answer, returns the end.
 */
export function* search(settings: SearchSettings): Steps<SearchEnd> {
  const { fromPerSecond, upToPerSecond, precision, maxProbes } = settings;
  const held = new Set<number>();
  const broken = new Set<number>();
  const guesses: number[] = [];
  let probes = 0;

  const bracket = () => {
    const lastPass = held.size === 0 ? undefined : Math.max(...held);
    const above = [...broken].filter((rate) => rate > (lastPass ?? 0));
    return { lastPass, firstFail: above.length === 0 ? undefined : Math.min(...above) };
  };
  const end = (ending: SearchEnd['ending']): SearchEnd => ({ ending, ...bracket() });

  /** One rate; an inconclusive answer is asked for again once. Returns the end of the search when there is no answer. */
  function* probe(perSecond: number, purpose: ProbeRequest['purpose']): Steps<'pass' | 'fail' | SearchEnd> {
    let asked = purpose;
    for (let attempt = 0; attempt < 2; attempt += 1) {
      if (probes >= maxProbes) return end('out-of-probes');
      probes += 1;
      const { outcome, generatorLimited, achievedPerSecond } = yield { perSecond, purpose: asked };
      if (outcome === 'pass') {
        held.add(perSecond);
        broken.delete(perSecond);
        return 'pass';
      }
      if (outcome === 'fail') {
        broken.add(perSecond);
        held.delete(perSecond);
        if (achievedPerSecond !== undefined && achievedPerSecond < perSecond * 0.98) {
          guesses.push(achievedPerSecond * (1 + precision / 3), achievedPerSecond * (1 - precision / 3));
        }
        return 'fail';
      }
      if (attempt === 1) return end(generatorLimited ? 'generator-limited' : 'unstable');
      asked = 'repeat';
    }
    return end('unstable');
  }

  /** Up to the first rate that fails twice. */
  function* climb(start: number): Steps<SearchEnd | undefined> {
    for (let rate = start; ; rate = Math.min(rate * 2, upToPerSecond)) {
      let answer = yield* probe(rate, probes === 0 ? 'first' : 'climb');
      if (answer === 'fail') answer = yield* probe(rate, 'repeat');
      if (typeof answer === 'object') return answer;
      if (answer === 'fail') return undefined;
      if (rate >= upToPerSecond) return end('no-bound');
    }
  }

  /** Down to a rate that holds. */
  function* descend(): Steps<SearchEnd | undefined> {
    for (;;) {
      const { firstFail = fromPerSecond } = bracket();
      const rate = guesses.pop() ?? firstFail / 2;
      const next = rate < firstFail ? rate : firstFail / 2;
      if (next < fromPerSecond * LEAST_SHARE) return end('nothing-held');
      const answer = yield* probe(next, 'narrow');
      if (typeof answer === 'object') return answer;
      if (answer === 'pass') return undefined;
    }
  }

  let ended = yield* climb(Math.min(fromPerSecond, upToPerSecond));
  const confirmed = new Set<number>();
  while (ended === undefined) {
    const { lastPass, firstFail } = bracket();
    if (lastPass === undefined) {
      ended = yield* descend();
    } else if (firstFail === undefined) {
      if (lastPass >= upToPerSecond) return end('no-bound');
      ended = yield* climb(Math.min(lastPass * 2, upToPerSecond));
    } else if (firstFail / lastPass > 1 + precision) {
      const answer: 'pass' | 'fail' | SearchEnd = yield* probe(
        between(lastPass, firstFail, precision, guesses),
        'narrow',
      );
      if (typeof answer === 'object') ended = answer;
    } else {
      const open: number | undefined = [lastPass, firstFail].find((rate) => !confirmed.has(rate));
      if (open === undefined) return end('found');
      confirmed.add(open);
      const answer: 'pass' | 'fail' | SearchEnd = yield* probe(open, 'confirm');
      if (typeof answer === 'object') ended = answer;
    }
  }
  return ended;
}

/** The newest guess that lies in the bracket and narrows it; else its middle. Guesses are used up. */
function between(lastPass: number, firstFail: number, precision: number, guesses: number[]): number {
  for (let guess = guesses.pop(); guess !== undefined; guess = guesses.pop()) {
    if (guess > lastPass * (1 + precision / 4) && guess < firstFail / (1 + precision / 4)) return guess;
  }
  return Math.sqrt(lastPass * firstFail);
}
