import type { Usl } from '../../reports/model/capacity.ts';

/** One level of load: how many requests were in the system on average, and how many a second came out. */
export interface Level {
  readonly concurrency: number;
  readonly perSecond: number;
}

/** Fewer levels than this fit anything. */
const MIN_LEVELS = 6;
const REWEIGHTINGS = 10;

/**
 * Fits the Universal Scalability Law, X(N) = λN ÷ (1 + σ(N − 1) + κN(N − 1)) (N. J. Gunther, Guerrilla Capacity
 * Planning, 2007): σ is what is done one after the other, κ what each costs to agree with all others.
 *
 * N ÷ X is linear in 1/λ, σ/λ and κ/λ; it is fitted by least squares of the relative error, since throughput is measured to
 * within some per cent at every level. Neither σ nor κ is let below 0: what noise would make negative is left out of the model.
 */
export function fitUsl(levels: readonly Level[]): Usl {
  const usable = levels.filter(({ concurrency, perSecond }) => concurrency > 0 && perSecond > 0);
  const distinct = new Set(usable.map(({ concurrency }) => Math.round(Math.log(concurrency) * 50))).size;
  if (distinct < MIN_LEVELS) {
    return { fitted: false, reason: `${distinct} different load levels, at least ${MIN_LEVELS} are needed` };
  }
  const terms: readonly ((n: number) => number)[] = [() => 1, (n) => n - 1, (n) => n * (n - 1)];
  let used = [0, 1, 2];
  for (;;) {
    const found = fit(
      usable,
      used.map((index) => terms[index] ?? (() => 0)),
    );
    if (found === undefined) return { fitted: false, reason: 'the load levels are too much alike' };
    const negative = used.filter((index, at) => index > 0 && (found[at] ?? 0) < 0);
    if (negative.length === 0) return toUsl(usable, used, found, distinct);
    // The one further below 0, in what it does to the largest level.
    const most = Math.max(...usable.map(({ concurrency }) => concurrency));
    const worst = negative.reduce((a, b) => (effect(a) < effect(b) ? a : b));
    used = used.filter((index) => index !== worst);
    function effect(index: number): number {
      return (found?.[used.indexOf(index)] ?? 0) * (terms[index]?.(most) ?? 0);
    }
  }
}

function toUsl(levels: readonly Level[], used: readonly number[], found: readonly number[], distinct: number): Usl {
  const value = (index: number) => (used.includes(index) ? (found[used.indexOf(index)] ?? 0) : 0);
  const first = value(0);
  if (!(first > 0)) return { fitted: false, reason: 'throughput does not rise with concurrency' };
  const [lambda, sigma, kappa] = [1 / first, value(1) / first, value(2) / first];
  const model = (n: number) => (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));
  const mean = levels.reduce((sum, { perSecond }) => sum + perSecond, 0) / levels.length;
  const residual = levels.reduce((sum, { concurrency, perSecond }) => sum + (perSecond - model(concurrency)) ** 2, 0);
  const total = levels.reduce((sum, { perSecond }) => sum + (perSecond - mean) ** 2, 0);
  const peak = kappa > 0 && sigma < 1 ? Math.sqrt((1 - sigma) / kappa) : undefined;
  return {
    fitted: true,
    lambda,
    sigma,
    kappa,
    ...(peak === undefined ? {} : { peakConcurrency: peak, peakPerSecond: model(peak) }),
    rSquared: total === 0 ? 0 : 1 - residual / total,
    levels: distinct,
  };
}

/** Weighted least squares of N ÷ X; the weights are those of the fit before, so that the error is relative. */
function fit(levels: readonly Level[], terms: readonly ((n: number) => number)[]): number[] | undefined {
  let weights = levels.map(({ concurrency, perSecond }) => (perSecond / concurrency) ** 2);
  let solution: number[] | undefined;
  for (let round = 0; round < REWEIGHTINGS; round += 1) {
    const matrix = terms.map((a) => terms.map((b) => weighted(levels, weights, ({ concurrency: n }) => a(n) * b(n))));
    const right = terms.map((a) =>
      weighted(levels, weights, ({ concurrency: n, perSecond }) => (a(n) * n) / perSecond),
    );
    const solved = solve(matrix, right);
    if (solved === undefined) return undefined;
    solution = solved;
    weights = levels.map(({ concurrency }, at) => {
      const model = terms.reduce((sum, term, index) => sum + (solved[index] ?? 0) * term(concurrency), 0);
      return model > 0 ? 1 / model ** 2 : (weights[at] ?? 0);
    });
  }
  return solution;
}

function weighted(levels: readonly Level[], weights: readonly number[], of: (level: Level) => number): number {
  return levels.reduce((sum, level, index) => sum + (weights[index] ?? 0) * of(level), 0);
}

/** Gauss's elimination with pivots; undefined when the matrix is singular. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | undefined {
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  const size = rows.length;
  for (let column = 0; column < size; column += 1) {
    const pivot = rows.slice(column).reduce((best, row) => (abs(row, column) > abs(best, column) ? row : best));
    if (abs(pivot, column) < 1e-300) return undefined;
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(column, 0, pivot);
    for (const [index, row] of rows.entries()) {
      if (index === column) continue;
      const factor = (row[column] ?? 0) / (pivot[column] ?? 1);
      rows[index] = row.map((value, at) => value - factor * (pivot[at] ?? 0));
    }
  }
  const solution = rows.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1));
  return solution.every(Number.isFinite) ? solution : undefined;
}

function abs(row: readonly number[], column: number): number {
  return Math.abs(row[column] ?? 0);
}
