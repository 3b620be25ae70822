import { isAmongOperations } from '../../../chaos/faults/operations.ts';
import type { Attempt, Observations } from '../../observe/observations.ts';

/** An edge by whose calls it is seen where the traffic goes, and which of them. */
interface Watched {
  readonly edge: string;
  readonly calls?: readonly string[] | undefined;
}

/** The calls that arrived on an edge in a stretch of time, by arrival. */
export function callsOn(
  { edge, calls }: Watched,
  { attempts }: Observations,
  fromMs: number,
  toMs: number,
): readonly Attempt[] {
  return attempts.filter(
    (attempt) =>
      attempt.edge === edge &&
      attempt.startMs >= fromMs &&
      attempt.startMs < toMs &&
      isAmongOperations(attempt.operation, calls),
  );
}

/** Calls a second; 0 for no time at all. */
export function callRate(watched: Watched, observations: Observations, fromMs: number, toMs: number): number {
  return toMs <= fromMs ? 0 : (callsOn(watched, observations, fromMs, toMs).length * 1_000) / (toMs - fromMs);
}
