/**
 * The run's clock: monotonic, so that a step of the wall clock cannot tear the timeline, and anchored to the wall clock
 * once, so that times of other processes can be placed on it.
 */
export interface Clock {
  /** Milliseconds on the monotonic clock, from an arbitrary zero. */
  readonly monotonicMs: () => number;
  /** The same moment of a Unix time in milliseconds. */
  readonly fromEpochMs: (epochMs: number) => number;
  /** How much the wall clock has moved against the monotonic one since the last call (or the start), in milliseconds. */
  readonly stepMs: () => number;
}

export function startClock(): Clock {
  const anchorMs = performance.now();
  const anchorEpochMs = Date.now();
  let offsetMs = anchorEpochMs - anchorMs;
  return {
    stepMs() {
      const before = offsetMs;
      offsetMs = Date.now() - performance.now();
      return offsetMs - before;
    },
    monotonicMs: () => performance.now(),
    fromEpochMs: (epochMs) => anchorMs + (epochMs - anchorEpochMs),
  };
}
