import type { LatencyLimit } from './profile.ts';

/**
 * What the iteration that is running knows of itself. Each virtual user has its own copy of every module, so that this is
 * one virtual user's state; `instrument.ts` writes it, operations and settings read it.
 */
export const iteration: {
  /** Milliseconds from when the iteration was due to when it started; taken by its first request, 0 afterwards. */
  lagMs: number;
  /** The phase's own variables. */
  variables: Readonly<Record<string, string>>;
  /** What good events are counted against. */
  limits: readonly LatencyLimit[];
} = { lagMs: 0, variables: {}, limits: [] };

/** The lag that belongs to the request which starts now: only the first one of an iteration was due at a certain time. */
export function takeLagMs(): number {
  const { lagMs } = iteration;
  iteration.lagMs = 0;
  return lagMs;
}
