import { sum } from '../tally.ts';
import { serialInflation } from './serial-correlation.ts';
import { Z_95 } from './student-t.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A slope and its two-sided 95 % interval. */
export interface Slope {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * The median of the slopes between all pairs of points (Theil 1950), which jumps and outliers hardly move, with Sen's
 * interval (Sen, J. Am. Stat. Assoc. 63, 1968; Gilbert, Statistical Methods for Environmental Pollution Monitoring, 1987,
 * 16.4.2): of the N ordered slopes those of rank (N − C)/2 and (N + C)/2 + 1, C = 1.96 √Var(S), where S is Kendall's
 * statistic with Var(S) = [n(n − 1)(2n + 5) − Σ t(t − 1)(2t + 5)] ÷ 18 for ties of t values. What is measured over time
 * often stays where it is for a while, and then says less than as many independent values: Var(S) is raised accordingly
 * (`serialInflation`). Quadratic in the number of points, whose x must differ.
 */
export function theilSen(points: readonly Point[]): Slope {
  const slopes = points
    .flatMap((a, index) => points.slice(index + 1).map((b) => (b.y - a.y) / (b.x - a.x)))
    .toSorted((a, b) => a - b);
  const estimate = median(slopes);
  const residuals = points.map(({ x, y }) => y - estimate * x);
  const width = Z_95 * Math.sqrt(kendallVariance(points.map(({ y }) => y)) * serialInflation(residuals));
  // Ranks are 1-based, and rounded outwards.
  const lowerRank = Math.floor((slopes.length - width) / 2);
  const upperRank = Math.ceil((slopes.length + width) / 2) + 1;
  return {
    estimate,
    lower: slopes[lowerRank - 1] ?? Number.NEGATIVE_INFINITY,
    upper: slopes[upperRank - 1] ?? Number.POSITIVE_INFINITY,
  };
}

function kendallVariance(values: readonly number[]): number {
  const term = (t: number): number => t * (t - 1) * (2 * t + 5);
  const ties = [...Map.groupBy(values, (value) => value).values()].map(({ length }) => length);
  return (term(values.length) - sum(ties, term)) / 18;
}

function median(sorted: readonly number[]): number {
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}
