import type { OperationWindow, Second } from '../observe/observations.ts';
import { countBelow, quantile } from '../observe/histogram.ts';
import { bucketAround } from './bucket-edges.ts';
import { FELT_UNTIL_MS } from './evidence-rise.ts';
import type { InForce } from './evidence-rise.ts';
import { sum, sumHistograms } from './tally.ts';
import { operationName } from './words.ts';

export interface OutcomeShift {
  readonly significant: boolean;
  /** The operation that shifted most. */
  readonly operation: string;
  readonly steadyRatio: number;
  readonly faultRatio: number;
  readonly worse: number;
  /** Events compared, steady and fault together. */
  readonly events: number;
  readonly z: number;
}

/** z of a one-sided p of 10⁻⁶. */
const CRITICAL_Z = 4.753;
const MIN_WORSE = 10;

const NOTHING: OutcomeShift = {
  significant: false,
  operation: 'no operation',
  steadyRatio: 0,
  faultRatio: 0,
  worse: 0,
  events: 0,
  z: 0,
};

/**
 * Whether the clients' outcomes got worse while the fault was in force (until 1.5 s after it, as its last requests end
 * then), against the steady phase outside of it. An event is worse when it failed or took longer than the steady phase's
 * p99 of its operation (the upper edge of the bucket that holds it, so that the count is exact); dropped iterations are compared among arrivals. For each operation a one-sided two-proportion
 * z-test with pooled variance,
 *
 *     z = (p₁ − p₀) ÷ √(p(1 − p)(1/n₁ + 1/n₀)),   p = (x₁ + x₀) ÷ (n₁ + n₀)
 *
 * (NIST/SEMATECH e-Handbook of Statistical Methods, 7.3.3) and the shift is significant at p < 10⁻⁶ with at least 10
 * worse events.
 */
export function outcomeShift(seconds: readonly Second[], steady: string, force: InForce): OutcomeShift {
  const inForce = (second: Second): boolean =>
    (second.t + 1) * 1_000 > force.injectedMs && second.t * 1_000 < force.removedMs + FELT_UNTIL_MS;
  const during = seconds.filter(inForce);
  const baseline = seconds.filter((second) => !inForce(second) && second.phase === steady);
  const shifts = [...operationShifts(baseline, during), dropShift(baseline, during)];
  return shifts.reduce((most, shift) => (rank(shift) > rank(most) ? shift : most), NOTHING);
}

function rank(shift: OutcomeShift): number {
  return shift.significant ? 1e9 + shift.z : shift.events === 0 ? -1 : shift.z;
}

function operationShifts(baseline: readonly Second[], during: readonly Second[]): OutcomeShift[] {
  const before = byOperation(baseline);
  return [...byOperation(during)].flatMap(([key, windows]) => {
    const steady = before.get(key);
    const [first] = windows;
    if (steady === undefined || first === undefined) return [];
    const [steadySucceeded, faultSucceeded] = [steady, windows].map((list) =>
      sumHistograms(list.map(({ succeeded }) => succeeded)),
    );
    const p99Seconds = steadySucceeded === undefined ? undefined : quantile(steadySucceeded, 0.99);
    if (steadySucceeded === undefined || faultSucceeded === undefined || p99Seconds === undefined) return [];
    const [steadyFailed, faultFailed] = [steady, windows].map((list) => sum(list, ({ failed }) => failed.count));
    const n0 = steadySucceeded.count + (steadyFailed ?? 0);
    const n1 = faultSucceeded.count + (faultFailed ?? 0);
    // A hair above the edge, so that its last bits do not decide.
    const slowSeconds = bucketAround(steadySucceeded, p99Seconds).upperSeconds * (1 + 1e-9);
    const x0 = n0 - countBelow(steadySucceeded, slowSeconds).low;
    const x1 = n1 - countBelow(faultSucceeded, slowSeconds).high;
    return [compare(operationName(first), { x0, n0, x1, n1 })];
  });
}

function dropShift(baseline: readonly Second[], during: readonly Second[]): OutcomeShift {
  const [before, after] = [arrivalsOf(baseline), arrivalsOf(during)];
  return compare('all arrivals', { x0: before.dropped, n0: before.all, x1: after.dropped, n1: after.all });
}

function arrivalsOf(seconds: readonly Second[]): { readonly dropped: number; readonly all: number } {
  const dropped = sum(seconds, (second) => second.dropped);
  return { dropped, all: dropped + sum(seconds, ({ iterations }) => iterations) };
}

function compare(
  operation: string,
  { x0, n0, x1, n1 }: { readonly x0: number; readonly n0: number; readonly x1: number; readonly n1: number },
): OutcomeShift {
  if (n0 <= 0 || n1 <= 0) return NOTHING;
  const [p0, p1, pooled] = [x0 / n0, x1 / n1, (x0 + x1) / (n0 + n1)];
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1));
  const z = deviation > 0 ? (p1 - p0) / deviation : 0;
  return {
    significant: z > CRITICAL_Z && x1 >= MIN_WORSE,
    operation,
    steadyRatio: p0,
    faultRatio: p1,
    worse: x1,
    events: n0 + n1,
    z,
  };
}

function byOperation(seconds: readonly Second[]): Map<string, OperationWindow[]> {
  return Map.groupBy(
    seconds.flatMap(({ operations }) => operations),
    ({ operation, protocol }) => JSON.stringify([operation, protocol]),
  );
}
