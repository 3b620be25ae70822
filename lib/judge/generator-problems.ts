import { milliseconds, percent } from './words.ts';

/** What was wrong with the load generator, and what to do about it. */
export interface Problem {
  readonly reason: string;
  readonly hint: string;
}

export const MAX_CPU_SHARE = 0.85;
export const MAX_GAP_MS = 2_000;
export const MIN_SENT_RATIO = 0.99;
export const MAX_SENT_RATIO = 1.01;
/** NTP slews smaller offsets; a step this large moves phases and start times visibly. */
export const MAX_CLOCK_STEP_MS = 250;

/** `k6Cores` and `bothCores` (with the proxies) are the busiest 5 s. */
export function cpuProblem(
  k6Cores: number | undefined,
  bothCores: number | undefined,
  cpus: number,
): Problem | undefined {
  if (k6Cores === undefined || bothCores === undefined) {
    return { reason: "k6's CPU use was not seen", hint: 'let the load run for at least 3 s' };
  }
  if (!(k6Cores / cpus < MAX_CPU_SHARE)) {
    return {
      reason: `k6 used ${percent(k6Cores / cpus, MAX_CPU_SHARE)} of the CPUs for 5 s`,
      hint: 'give k6 more cores, lower the rate, record fewer metrics, or spread the load over several machines',
    };
  }
  if (!(bothCores / cpus < MAX_CPU_SHARE)) {
    return {
      reason: `k6 and the fault proxies together used ${percent(bothCores / cpus, MAX_CPU_SHARE)} of the CPUs for 5 s`,
      hint: 'use more cores, lower the rate, or leave out edges that no fault is injected on',
    };
  }
  return undefined;
}

export function gapProblem(gapMs: number): Problem | undefined {
  if (gapMs <= MAX_GAP_MS) return undefined;
  return {
    reason: `no metrics came for ${milliseconds(gapMs)}`,
    hint: 'the machine or k6 stalled: use more cores, lower the rate, or record fewer metrics',
  };
}

export function sendProblem(ratio: number, adjustedRatio: number): Problem | undefined {
  if (!Number.isFinite(ratio)) {
    return { reason: 'no arrivals were planned while the load ran', hint: 'let the load run longer' };
  }
  if (adjustedRatio < MIN_SENT_RATIO) {
    return {
      reason: `only ${percent(ratio, MIN_SENT_RATIO)} of the planned arrivals were sent`,
      hint: 'lower the rate, use more cores, or spread the load over several machines',
    };
  }
  if (adjustedRatio > MAX_SENT_RATIO) {
    return {
      reason: `${percent(ratio)} of the planned arrivals were sent`,
      hint: 'the scenario must take its arrival rates from the plan',
    };
  }
  return undefined;
}

export function dropProblem(unexplained: number): Problem | undefined {
  if (unexplained === 0) return undefined;
  return {
    reason: `${unexplained} iterations were dropped although not all virtual users were busy`,
    hint: 'raise `maxVUs`, use more cores, or lower the rate',
  };
}

/** Undefined lag: the scenario does not tell, and k6's own send rate is all there is. */
export function lagProblem(lagMs: number | undefined, allowedMs: number): Problem | undefined {
  if (lagMs === undefined || lagMs <= allowedMs) return undefined;
  return {
    reason: `1 % of the iterations started more than ${milliseconds(lagMs)} late (allowed: ${milliseconds(allowedMs)})`,
    hint: 'k6 was starved: use more cores, lower the rate, run it apart from the system, or spread the load over several machines',
  };
}

export function clockProblem(stepMs: number): Problem | undefined {
  if (Math.abs(stepMs) <= MAX_CLOCK_STEP_MS) return undefined;
  return {
    reason: `the machine's clock was set ${stepMs < 0 ? 'back' : 'forward'} by ${milliseconds(Math.abs(stepMs))}: phases and start times rest on it`,
    hint: 'let NTP slew the clock, not step it (chrony: no `makestep` after the start), and wait for a virtual machine that was resumed to settle',
  };
}
