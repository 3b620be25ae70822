/** A window of the load: milliseconds since its start, end exclusive; arrivals a second, a straight line in between. */
export interface Phase {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
  /** Corners of a rate that is more than one straight line, see the plan. */
  readonly shape?: readonly { readonly atMs: number; readonly perSecond: number }[];
  /** Variables that `setting()` reads in this phase. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Profile {
  readonly phases: readonly Phase[];
  /** Upper bound of concurrent iterations. */
  readonly maxVUs: number;
  /** Limits of latency budgets: what the support library counts good events against. */
  readonly limits?: readonly LatencyLimit[];
}

export interface LatencyLimit {
  /** An operation's name, or "*". */
  readonly operation: string;
  readonly protocol?: 'http' | 'grpc';
  readonly underMs: number;
}

/** The phase that an iteration started at `elapsedMs` belongs to; the last one for anything later. */
export function phaseAt(phases: readonly Phase[], elapsedMs: number): string {
  for (const phase of phases) if (elapsedMs < phase.endMs) return phase.name;
  return phases.at(-1)?.name ?? 'none';
}

/** k6 takes whole numbers only: rates are given by the minute. */
export function perMinute(perSecond: number): number {
  return Math.round(perSecond * 60);
}

/** The profile as k6 options: an open model (arrivals do not wait for answers). */
export function arrivals({ phases, maxVUs }: Profile) {
  const stages: { target: number; duration: string }[] = [];
  let rate = phases[0]?.shape?.[0]?.perSecond ?? phases[0]?.fromPerSecond ?? 0;
  const startRate = perMinute(rate);
  for (const { startMs, endMs, fromPerSecond, toPerSecond, shape } of phases) {
    const corners = shape ?? [
      { atMs: startMs, perSecond: fromPerSecond },
      { atMs: endMs, perSecond: toPerSecond },
    ];
    let atMs = startMs;
    for (const corner of corners) {
      // A stage of no length jumps, where a line does not start at the rate that the last one ended with.
      if (corner.atMs > atMs || corner.perSecond !== rate) {
        stages.push({ target: perMinute(corner.perSecond), duration: `${corner.atMs - atMs}ms` });
      }
      atMs = corner.atMs;
      rate = corner.perSecond;
    }
  }
  return {
    executor: 'ramping-arrival-rate' as const,
    startRate,
    timeUnit: '1m',
    // All of them: k6 drops the iteration that finds no free virtual user, also when it may still make one.
    preAllocatedVUs: maxVUs,
    maxVUs,
    stages,
    // Longer than the time-outs of requests here: one that k6 cuts off leaves no trace.
    gracefulStop: '15s',
  };
}

/** Phases end to end from durations in seconds and rates a second; for a scenario's own default profile. */
export function layOut(
  ...phases: readonly (readonly [name: string, seconds: number, from: number, to: number])[]
): Phase[] {
  let startMs = 0;
  return phases.map(([name, seconds, fromPerSecond, toPerSecond]) => {
    const phase = { name, startMs, endMs: startMs + seconds * 1_000, fromPerSecond, toPerSecond };
    startMs = phase.endMs;
    return phase;
  });
}
