import type { EdgeProbe } from '../observe/observations.ts';
import type { Fault } from '../plan/plan.ts';
import type { Finding } from './finding.ts';
import { figures } from './finding.ts';
import { milliseconds } from './words.ts';

export interface EdgeVerdict {
  readonly disturbed: boolean;
  readonly measured: string;
  /** What would have had to be seen. */
  readonly missing: string;
  readonly evidence: Finding['evidence'];
}

/** Jitter and rounding may take something off; half of what was injected can't be noise on loopback or in a data centre. */
const MIN_SHIFT_SHARE = 0.5;

/**
 * Whether the harness's own round trips through the proxy show the fault, by the medians before, during and after (no
 * answer counts as infinitely long): a latency must shift the median by at least half of it, or leave it without answer;
 * a cut edge must not answer. Before and after, the edge must have been well, or the fault is not what was seen.
 */
export function edgeDisturbed(fault: Fault, probes: readonly EdgeProbe[]): EdgeVerdict {
  const [before, during, after] = [median(probes, 'before'), median(probes, 'during'), median(probes, 'after')];
  const shiftMs = shiftOf(fault);
  const well = (ms: number | undefined): boolean =>
    ms !== undefined && Number.isFinite(ms) && (shiftMs === undefined || ms < (before ?? 0) + shiftMs);
  const ill = (ms: number | undefined): boolean =>
    ms !== undefined && (ms === Number.POSITIVE_INFINITY || (shiftMs !== undefined && ms >= (before ?? 0) + shiftMs));
  const missing = [
    well(before) ? undefined : 'no answer before the fault',
    ill(during)
      ? undefined
      : during === undefined
        ? 'no round trip during the fault'
        : 'it answered as usual during the fault',
    well(after)
      ? undefined
      : after === undefined
        ? 'no round trip after the fault'
        : 'it was not well again after the fault',
  ].filter((text) => text !== undefined);
  return {
    disturbed: missing.length === 0,
    measured: `round trip ${shown(before)} → ${shown(during)} → ${shown(after)}`,
    missing: missing.join(', '),
    evidence: figures({ roundTripBeforeMs: before, roundTripDuringMs: during, roundTripAfterMs: after }),
  };
}

function shiftOf(fault: Fault): number | undefined {
  switch (fault.kind) {
    case 'latency':
      return fault.latencyMs * MIN_SHIFT_SHARE;
    case 'down':
      return undefined;
    default:
      return fault satisfies never;
  }
}

function median(probes: readonly EdgeProbe[], when: EdgeProbe['when']): number | undefined {
  const times = probes
    .filter((probe) => probe.when === when)
    .map((probe) => probe.roundTripMs ?? Number.POSITIVE_INFINITY)
    .toSorted((a, b) => a - b);
  return times[Math.floor((times.length - 1) / 2)];
}

function shown(ms: number | undefined): string {
  if (ms === undefined) return 'not seen';
  return ms === Number.POSITIVE_INFINITY ? 'no answer' : milliseconds(ms);
}
