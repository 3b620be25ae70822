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

/**
 * The profile as k6 options: an open model (arrivals do not wait for answers). Rates are counted by the minute because k6
 * takes whole numbers only.
 */
export function arrivals({ phases, maxVUs }: Profile) {
  const perMinute = (perSecond: number) => Math.round(perSecond * 60);
  const stages: { target: number; duration: string }[] = [];
  let rate = phases[0]?.fromPerSecond ?? 0;
  for (const phase of phases) {
    // A stage of no length jumps, where one phase does not start at the rate the last one ended with.
    if (phase.fromPerSecond !== rate) stages.push({ target: perMinute(phase.fromPerSecond), duration: '0s' });
    stages.push({ target: perMinute(phase.toPerSecond), duration: `${phase.endMs - phase.startMs}ms` });
    rate = phase.toPerSecond;
  }
  return {
    executor: 'ramping-arrival-rate' as const,
    startRate: perMinute(phases[0]?.fromPerSecond ?? 0),
    timeUnit: '1m',
    // All of them: k6 drops the iteration that finds no free virtual user, also when it may still make one.
    preAllocatedVUs: maxVUs,
    maxVUs,
    stages,
    gracefulStop: '10s',
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
