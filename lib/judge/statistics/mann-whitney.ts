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
  const differences = Float64Array.from(second.flatMap((y) => first.map((x) => y - x))).toSorted();
  const pairs = differences.length;
  const at = (rank: number) => differences[rank - 1] ?? Number.NaN;
  const middle = (pairs + 1) / 2;
  const distribution = nullDistribution(first.length, second.length);
  const lowerRank = boundRank(distribution, lowerTail);
  const upperRank = boundRank(distribution, upperTail);
  return {
    estimate: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    lower: lowerRank === 0 ? Number.NEGATIVE_INFINITY : at(lowerRank),
    upper: upperRank === 0 ? Number.POSITIVE_INFINITY : at(pairs + 1 - upperRank),
  };
}

/**
 * The largest rank r with P(U < r) ≤ `tail`, from the distribution of `nullDistribution`: the r-th smallest difference is a
 * lower bound. 0: there is none.
 */
export function boundRank(distribution: Iterable<number>, tail: number): number {
  let below = 0;
  let rank = 0;
  for (const probability of distribution) {
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
 * form of a generating function, ∏ (1 − qⁿ⁺ʲ) ÷ (1 − qʲ) for j = 1 … m.
 *
 * Exact for as many values as a comparison may have (off by less than 10⁻⁷ of itself for 200 and 200, in 20 ms), so that no
 * normal approximation is needed. Ties make the lower bound wider than it need be.
 */
export function nullDistribution(n: number, m: number): Float64Array {
  const ways = new Float64Array(n * m + 1);
  ways[0] = 1;
  const at = (u: number) => ways[u] ?? 0;
  for (let j = 1; j <= m; j += 1) {
    const last = n * j;
    const half = Math.floor(last / 2);
    // The counts outgrow any number: they are scaled to shares at once.
    const scale = j / (n + j);
    // × (1 − q^(n+j)), then ÷ (1 − q^j).
    for (let u = half; u >= n + j; u -= 1) ways[u] = at(u) - at(u - n - j);
    for (let u = j; u <= half; u += 1) ways[u] = at(u) + at(u - j);
    // Rounding errors grow with u: the upper half is the lower one's mirror image.
    for (let u = 0; u <= half; u += 1) ways[last - u] = ways[u] = Math.max(0, at(u) * scale);
  }
  return ways;
}
