/** Bounds for shares that were counted: `hits` of `of`. */
export interface Counted {
  readonly hits: number;
  readonly of: number;
}

/** Halving a share so often leaves nothing of a double's digits. */
const HALVINGS = 60;

/**
 * The one-sided upper bound of a share, exact (C. J. Clopper, E. S. Pearson, The use of confidence or fiducial limits
 * illustrated in the case of the binomial, Biometrika 26, 1934): the share at which so few hits would come with a probability
 * of `alpha`.
 */
export function upperShare({ hits, of }: Counted, alpha: number): number {
  if (of === 0 || hits >= of) return 1;
  return solve((p) => binomialAtMost(hits, of, p) > alpha);
}

/** The lower one: the share at which so many hits would come with a probability of `alpha`. */
export function lowerShare({ hits, of }: Counted, alpha: number): number {
  if (of === 0 || hits <= 0) return 0;
  return solve((p) => 1 - binomialAtMost(hits - 1, of, p) < alpha);
}

/**
 * One-sided bounds of a − b, the difference of two shares, from the bounds of each, squared and added (R. G. Newcombe, Interval
 * estimation for the difference between independent proportions, Statistics in Medicine 17, 1998, 873–890), here from the exact
 * ones. Shares that go up and down together only make them wider than they need be.
 */
export function upperDifference(a: Counted, b: Counted, alpha: number): number {
  const [shareA, shareB] = [share(a), share(b)];
  return shareA - shareB + Math.hypot(upperShare(a, alpha) - shareA, shareB - lowerShare(b, alpha));
}

export function lowerDifference(a: Counted, b: Counted, alpha: number): number {
  const [shareA, shareB] = [share(a), share(b)];
  return shareA - shareB - Math.hypot(shareA - lowerShare(a, alpha), upperShare(b, alpha) - shareB);
}

function share({ hits, of }: Counted): number {
  return of === 0 ? 0 : hits / of;
}

/** Where a condition that holds for small shares stops to hold. */
function solve(holds: (p: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(X ≤ k) of a binomial (n, p), term by term from whichever end is the shorter one, by logarithms. */
function binomialAtMost(k: number, n: number, p: number): number {
  if (k >= n || p <= 0) return 1;
  if (k < 0 || p >= 1) return 0;
  if (k > n / 2) return 1 - binomialAtMost(n - k - 1, n, 1 - p);
  const logOdds = Math.log(p) - Math.log1p(-p);
  let logTerm = n * Math.log1p(-p);
  let sum = 0;
  for (let j = 0; j <= k; j += 1) {
    sum += Math.exp(logTerm);
    logTerm += logOdds + Math.log((n - j) / (j + 1));
  }
  return Math.min(1, sum);
}
