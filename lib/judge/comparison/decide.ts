import { shiftBetween } from '../statistics/mann-whitney.ts';

/** Which way and how much worse the candidate may be. */
export interface Question {
  /** Figures are set against each other by their ratio, or (shares) by their difference. */
  readonly effect: 'ratio' | 'difference';
  readonly higherIsBetter: boolean;
  /** A share of the baseline for a ratio; absolute for a difference. */
  readonly margin: number;
  /** Whether each event counts (errors, completed requests), so that a burst in few blocks is no outlier to be left out. */
  readonly everyEventCounts: boolean;
  /** Probability of red when the two are the same. */
  readonly falseAlarm: number;
}

export interface Decision {
  readonly outcome: 'pass' | 'fail' | 'inconclusive';
  /** candidate ÷ baseline, or candidate − baseline. */
  readonly estimate: number;
  /** Where red and green look: at most `falseAlarm` below the bound on the good side, 2.5 % beyond that on the bad side. */
  readonly lower: number;
  readonly upper: number;
  /** What the effect may be at worst. */
  readonly limit: number;
  /** The effect on the mean of all blocks; the estimate is that on the middle one. */
  readonly overall: number;
  /** True when all that stands against a pass is that the mean is beyond the limit: a few blocks were much worse. */
  readonly inBursts: boolean;
}

/** The usual confidence of a non-inferiority test, one-sided. */
const PASS_TAIL = 0.025;

/**
 * Is the candidate as good as the baseline? Three answers:
 *
 * - pass: how much worse it is lies within the margin, with a confidence of 97.5 % (non-inferior), and where each event
 *   counts, so does the mean;
 * - fail: not that, and it is worse, with a confidence of 1 − `falseAlarm`;
 * - inconclusive: neither is shown, more blocks are needed.
 *
 * A candidate that is exactly as much worse as the margin allows passes by chance once in 40.
 */
export function decide(baseline: readonly number[], candidate: readonly number[], question: Question): Decision {
  const { effect, higherIsBetter, falseAlarm, everyEventCounts } = question;
  // Nothing at all is as much less as can be.
  const toScale = (value: number) => (effect === 'ratio' ? Math.log(Math.max(value, Number.MIN_VALUE)) : value);
  const fromScale = (value: number) => (effect === 'ratio' ? Math.exp(value) : value);
  // On a scale on which more is worse.
  const sign = higherIsBetter ? -1 : 1;
  const worse = (values: readonly number[]) => values.map((value) => sign * toScale(value));
  const limit = limitOf(question);
  const allowed = sign * toScale(limit);
  const shift = shiftBetween(worse(baseline), worse(candidate), { lowerTail: falseAlarm, upperTail: PASS_TAIL });
  const overall = effect === 'ratio' ? mean(candidate) / mean(baseline) : mean(candidate) - mean(baseline);
  const within = shift.upper <= allowed;
  const inBursts = within && everyEventCounts && sign * (overall - limit) > 0;
  const outcome = within && !inBursts ? 'pass' : shift.lower > 0 ? 'fail' : 'inconclusive';
  const [a, b] = [fromScale(sign * shift.lower), fromScale(sign * shift.upper)];
  return {
    outcome,
    estimate: fromScale(sign * shift.estimate),
    lower: Math.min(a, b),
    upper: Math.max(a, b),
    limit,
    overall,
    inBursts,
  };
}

/** What the effect may be at worst: 1.1 or 0.99 for a ratio, 0.001 for a difference. */
export function limitOf({ effect, higherIsBetter, margin }: Question): number {
  const signed = higherIsBetter ? -margin : margin;
  return effect === 'ratio' ? 1 + signed : signed;
}

export function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

/** The standard normal quantiles of 97.5 % and 95 %. */
const Z_PASS = 1.96;
const Z_POWER = 1.645;
/** How much of the data the Mann–Whitney test makes use of, against the t test, when they are normal: 3 ÷ π. */
const EFFICIENCY = 3 / Math.PI;
/** As many as an experiment may ask for. */
const MAX_BLOCKS = 200;

/** The smallest effect that `blocks` of each tell with a power of 95 %; `noise` is their standard deviation (relative for a ratio). */
export function detectableEffect(noise: number, blocks: number, { effect, falseAlarm }: Question): number {
  const shift = (normalQuantile(1 - falseAlarm) + Z_POWER) * noise * Math.sqrt(2 / (blocks * EFFICIENCY));
  return effect === 'ratio' ? Math.exp(shift) - 1 : shift;
}

/**
 * How many blocks of each it takes to show, with a power of 95 %, that two equal ones are as good as each other; and not
 * fewer than can be red at all.
 */
export function blocksNeeded(noise: number, { effect, margin, falseAlarm }: Question): number {
  const allowed = effect === 'ratio' ? Math.log1p(margin) : margin;
  const forPass = Math.ceil((2 * ((Z_PASS + Z_POWER) * noise) ** 2) / (allowed ** 2 * EFFICIENCY));
  return Math.max(forPass, fewestForFail(falseAlarm));
}

/** Samples of n values each that do not overlap have a probability of n! n! ÷ (2n)! when they are the same. */
export function fewestForFail(falseAlarm: number): number {
  let blocks = 1;
  let probability = 0.5;
  while (probability > falseAlarm && blocks < MAX_BLOCKS) {
    blocks += 1;
    probability *= blocks / (2 * (2 * blocks - 1));
  }
  return blocks;
}

/** Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.23: off by less than 0.00045. */
function normalQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - p));
  const numerator = 2.515517 + 0.802853 * t + 0.010328 * t * t;
  return t - numerator / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3);
}
