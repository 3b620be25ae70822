/** Both sides together 99 %. */
const TAIL = 0.005;
const Z_99 = 2.575829;
/** Up to here the binomial distribution is summed up term by term. */
const EXACT_UP_TO = 20_000;

/** Ranks (1 = smallest); `lower` is 0 and `upper` is n + 1 when the sample is too small to have such a rank. */
export interface RankInterval {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Between which of `n` ordered values the quantile `q` of what they were drawn from lies, with a confidence of 99 %,
 * whatever its distribution: the number of values at or below that quantile is binomial(n, q), so that the value of rank
 * l is above it with P(B ≤ l − 1), and that of rank u below it with P(B ≥ u) (David & Nagaraja, Order Statistics, 2003,
 * 7.1). Exact up to 20,000 values, else by the normal approximation, rounded outwards.
 */
export function rankInterval(n: number, q: number): RankInterval {
  if (n > EXACT_UP_TO) {
    const halfWidth = Z_99 * Math.sqrt(n * q * (1 - q)) + 1;
    return {
      lower: Math.max(0, Math.floor(n * q - halfWidth)),
      upper: Math.min(n + 1, Math.ceil(n * q + halfWidth) + 1),
    };
  }
  return { lower: rankAbove(n, q), upper: n + 1 - rankAbove(n, 1 - q) };
}

/** The fewest values of which the quantile `q` has a bound on both sides. */
export function fewestForInterval(q: number): number {
  const extreme = Math.max(q, 1 - q);
  return extreme >= 1 ? Number.POSITIVE_INFINITY : Math.ceil(Math.log(TAIL) / Math.log(extreme));
}

/** The largest l with P(B ≤ l − 1) ≤ 0.5 % for a binomial B(n, p). */
function rankAbove(n: number, p: number): number {
  if (p >= 1) return n;
  if (p <= 0) return 0;
  const logOdds = Math.log(p) - Math.log1p(-p);
  let logTerm = n * Math.log1p(-p);
  let below = 0;
  for (let k = 0; k < n; k++) {
    below += Math.exp(logTerm);
    if (below > TAIL) return k;
    logTerm += logOdds + Math.log((n - k) / (k + 1));
  }
  return n;
}
