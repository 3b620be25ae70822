/**
 * How far a second sample is shifted against a first one, with bounds that hold whatever the distribution is: the
 * Hodges–Lehmann estimate (the median of all differences) and the interval that the Mann–Whitney test implies
 * (M. Hollander and D. A. Wolfe, Nonparametric Statistical Methods, 4.3). Single wild blocks of a noisy machine move neither
 * far.
 */
export interface Shift {
  readonly estimate: number;
  /** One-sided bounds; infinite where the samples are too small for the confidence that is asked for. */
  readonly lower: number;
  readonly upper: number;
}

/** `lowerTail` and `upperTail`: the probability that the true shift lies below `lower`, and above `upper`. */
export function shiftBetween(
  first: readonly number[],
  second: readonly number[],
  { lowerTail, upperTail }: { readonly lowerTail: number; readonly upperTail: number },
): Shift {
  // Numbers in a typed array are sorted as numbers, and ten times faster.
  const differences = Float64Array.from(second.flatMap((y) => first.map((x) => y - x))).sort();
  const pairs = differences.length;
  const at = (rank: number) => differences[rank - 1] ?? Number.NaN;
  const middle = (pairs + 1) / 2;
  const lowerRank = boundRank(first.length, second.length, lowerTail);
  const upperRank = boundRank(first.length, second.length, upperTail);
  return {
    estimate: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    lower: lowerRank === 0 ? Number.NEGATIVE_INFINITY : at(lowerRank),
    upper: upperRank === 0 ? Number.POSITIVE_INFINITY : at(pairs + 1 - upperRank),
  };
}

/** The largest rank r with P(U < r) ≤ `tail`: the r-th smallest difference is a lower bound. 0: there is none. */
export function boundRank(n: number, m: number, tail: number): number {
  let below = 0;
  let rank = 0;
  for (const probability of nullDistribution(n, m)) {
    below += probability;
    // A little more than rounding leaves of a sum that should be equal.
    if (below > tail * (1 + 1e-9)) return rank;
    rank += 1;
  }
  return rank;
}

/**
 * P(U = u) for u = 0 … n × m when both samples come from the same continuous distribution: the share of the ways to choose
 * the ranks, counted by the recurrence of H. B. Mann and D. R. Whitney (Annals of Mathematical Statistics 18, 1947) in the
 * form of a generating function, ∏ (1 − qⁿ⁺ʲ) ÷ (1 − qʲ) for j = 1 … m. Ties make the bounds wider than they need be.
 */
export function nullDistribution(n: number, m: number): readonly number[] {
  let ways = [1];
  for (let j = 1; j <= m; j += 1) {
    // × (1 − q^(n+j)), then ÷ (1 − q^j); scaled at once, since the counts outgrow any number.
    const length = n * j + 1;
    const next: number[] = [];
    for (let u = 0; u < length; u += 1) {
      next.push((ways[u] ?? 0) - (ways[u - n - j] ?? 0) + (next[u - j] ?? 0));
    }
    const scale = j / (n + j);
    ways = next.map((count) => Math.max(0, count * scale));
  }
  return ways;
}
