import { sum } from '../tally.ts';
import { Z_95 } from './student-t.ts';

/** Correlations at longer lags rest on too few pairs. */
const LONGEST_LAG_SHARE = 1 / 4;

/**
 * By how much the variance of Kendall's S grows because values near to each other in time are alike: n/n* of Hamed & Rao
 * (J. Hydrology 204, 1998),
 *
 *     1 + 2 ÷ (n(n − 1)(n − 2)) × Σ (n − k)(n − k − 1)(n − k − 2) ρ(k)
 *
 * over the lags k whose correlation ρ(k) of the ranks is significant at 95 %. Never below 1: that alternating values would
 * say more than independent ones is not made use of. `residuals` are in the order of time, their trend taken out.
 */
export function serialInflation(residuals: readonly number[]): number {
  const n = residuals.length;
  const ranks = ranksOf(residuals);
  const mean = (n + 1) / 2;
  const variance = sum(ranks, (rank) => (rank - mean) ** 2);
  if (n < 4 || variance === 0) return 1;
  let inflation = 1;
  for (let lag = 1; lag <= n * LONGEST_LAG_SHARE; lag++) {
    const pairs = ranks.slice(lag).map((rank, index) => (rank - mean) * ((ranks[index] ?? mean) - mean));
    const correlation = sum(pairs, (pair) => pair) / variance;
    if (Math.abs(correlation) < Z_95 / Math.sqrt(n)) continue;
    inflation += (2 * (n - lag) * (n - lag - 1) * (n - lag - 2) * correlation) / (n * (n - 1) * (n - 2));
  }
  return Math.max(1, inflation);
}

/** 1 = smallest; equal values share the mean of their ranks. */
function ranksOf(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const [first, last] = [new Map<number, number>(), new Map<number, number>()];
  for (const [index, value] of sorted.entries()) {
    if (!first.has(value)) first.set(value, index + 1);
    last.set(value, index + 1);
  }
  return values.map((value) => ((first.get(value) ?? 0) + (last.get(value) ?? 0)) / 2);
}
