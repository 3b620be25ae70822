import { stepOf } from '../../../chaos/drills/drill.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import type { Attempt } from '../../observe/observations.ts';
import { callRate, callsPerRequest } from './demand.ts';
import { type Go, goes, leastPauseMs } from './goes.ts';
import { CLOCK_MS, type DrillOn, arrivals, hitBy } from './subject.ts';

export type BreakerOn = DrillOn<Drill<'circuit-breaker'>>;

/** How the breaker opened, seen from the edge. */
export interface Opening {
  /** When the last of the failures that it takes had ended: before that it can't have opened. */
  readonly openedMs: number;
  /** Until then calls may have been on their way: they leaked. */
  readonly leakUntilMs: number;
  readonly leaked: number;
  /** When the last of those had ended. */
  readonly quietMs: number;
  /** What came after that. */
  readonly goes: readonly Go[];
  /** Calls in them that are no probes. */
  readonly passed: number;
  /** Calls that would have come in that time without a breaker. */
  readonly offered: number;
  /** Calls a second, without a breaker. */
  readonly perSecond: number;
  /** Whether what passed is so little that it must have opened. */
  readonly opened: boolean;
}

/** A breaker that lets more than this through is not open, whatever it calls itself. */
export const OPEN_SHARE = 0.01;
/** What comes after a pause of so many usual distances between calls, and of this share of the open time, is a probe. */
const PROBE_DISTANCES = 3;
const PROBE_SHARE = 1 / 8;
/** Of fewer calls that were to be kept back, one that was not would be too much. */
const MIN_OFFERED = 20;

export type OpeningSeen = Opening | { readonly missing: string };

/** What the step `failing` shows; `missing`: too little for the breaker to have to open. */
export function openingOf(subject: BreakerOn): OpeningSeen {
  const { drill, plan } = subject;
  const { threshold, callTimeout, openTime, halfOpen } = drill;
  const perRequest = callsPerRequest(subject, plan.load.steady);
  if (perRequest === undefined) {
    return { missing: `no call arrived on the edge in the phase ${plan.load.steady}, so that none can be missed` };
  }
  const calls = hitBy(subject, 'failing');
  const failures = calls.flatMap(({ endMs }) => (endMs === undefined ? [] : [endMs])).toSorted((a, b) => a - b);
  const openedMs = failures[threshold - 1];
  if (openedMs === undefined) {
    return { missing: `only ${failures.length} calls failed, fewer than the threshold: the breaker was never reached` };
  }
  const perMs = callRate(subject, 'failing', perRequest);
  // Failed calls end at once here, so that it need not take a call's whole time-out until the last has leaked. Half of the
  // open time: the first probe is none of them.
  const graceMs = Math.min(callTimeout, openTime / 2);
  const lastMs = failures[threshold - 1 + forgotten(subject, calls, failures)] ?? openedMs;
  const leakUntilMs = Math.min(lastMs, openedMs + openTime / 2) + graceMs;
  const offered = Math.round(perMs * (stepOf(drill, 'failing').endMs - leakUntilMs));
  if (offered < MIN_OFFERED) {
    return { missing: `only ${Math.max(0, offered)} calls were to be expected after it must have opened` };
  }
  const leaked = calls.filter(({ startMs }) => startMs <= leakUntilMs);
  const after = calls.slice(leaked.length);
  const found = goes(after, { atOnce: halfOpen, apartMs: leastPauseMs(openTime) });
  const passed = passedOf(found, leaked.at(-1), halfOpen, Math.max(PROBE_DISTANCES / perMs, PROBE_SHARE * openTime));
  return {
    openedMs,
    leakUntilMs,
    leaked: leaked.length,
    quietMs: leaked.reduce((last, { startMs, endMs = startMs }) => Math.max(last, endMs), openedMs),
    goes: found,
    passed,
    offered,
    perSecond: perMs * 1_000,
    opened: passed <= OPEN_SHARE * offered,
  };
}

/** How many of the first failures an answer to a call from before may have made the breaker forget: it must be a row. */
function forgotten(subject: BreakerOn, calls: readonly Attempt[], failures: readonly number[]): number {
  const { threshold, callTimeout } = subject.drill;
  const firstMs = calls[0]?.startMs ?? 0;
  const before = arrivals(subject, firstMs - callTimeout - CLOCK_MS, firstMs + CLOCK_MS);
  const answeredMs = before
    .filter(({ outcome }) => outcome === 'answered')
    .reduce((last, { endMs = 0 }) => Math.max(last, endMs), 0);
  return failures.slice(0, threshold).filter((endMs) => endMs <= answeredMs + CLOCK_MS).length;
}

/** All calls but the probes: of what comes after a pause, as many as it may let through, and what came together with the first. */
function passedOf(found: readonly Go[], before: Attempt | undefined, atOnce: number, pauseMs: number): number {
  let previousMs = before?.startMs ?? Number.NEGATIVE_INFINITY;
  let passed = 0;
  for (const { startMs, calls, together } of found) {
    const isProbe = startMs - previousMs >= pauseMs;
    passed += calls.length - (isProbe ? Math.min(calls.length, Math.max(atOnce, together)) : 0);
    previousMs = calls.at(-1)?.startMs ?? startMs;
  }
  return passed;
}
