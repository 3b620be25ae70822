import { sum } from '../tally.ts';
import { studentT95 } from './student-t.ts';

export interface WeightedPoint {
  readonly x: number;
  readonly y: number;
  /** Inverse to the variance of `y`, up to a common factor. */
  readonly weight: number;
}

export interface Line {
  /** The weighted mean of `y`. */
  readonly mean: number;
  readonly slope: number;
  /** Half the width of the slope's two-sided 95 % interval. */
  readonly slopeMargin: number;
}

/**
 * The straight line through the points by weighted least squares,
 *
 *     slope = Σw(x − x̄)(y − ȳ) ÷ Σw(x − x̄)²,   se² = s² ÷ Σw(x − x̄)²,   s² = Σw·residual² ÷ (n − 2)
 *
 * with an interval of ± t(0.975, n − 2) × se (Draper & Smith, Applied Regression Analysis, 3rd ed., 1.4 and 9.2).
 * `leastVariance` bounds s² from below: what is known to be uncertain, even if the points happen to lie on a line.
 */
export function weightedLine(points: readonly WeightedPoint[], leastVariance: number): Line {
  const weight = sum(points, (point) => point.weight);
  const meanX = sum(points, (point) => point.weight * point.x) / weight;
  const mean = sum(points, (point) => point.weight * point.y) / weight;
  const spread = sum(points, (point) => point.weight * (point.x - meanX) ** 2);
  const slope = sum(points, (point) => point.weight * (point.x - meanX) * (point.y - mean)) / spread;
  const residuals = sum(points, ({ x, y, weight: w }) => w * (y - mean - slope * (x - meanX)) ** 2);
  const df = points.length - 2;
  const variance = Math.max(leastVariance, residuals / df);
  return { mean, slope, slopeMargin: studentT95(df) * Math.sqrt(variance / spread) };
}
