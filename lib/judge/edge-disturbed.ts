import type { EdgeProbe, SignObservation } from '../observe/observations.ts';
import type { Finding } from './finding.ts';
import { figures } from './finding.ts';
import { milliseconds } from './words.ts';

/** How round trips show a fault: see FaultKind. */
export type Shows = { readonly longerByMs: number } | 'unanswered' | 'partly-unanswered';

export interface EdgeVerdict {
  readonly disturbed: boolean;
  readonly measured: string;
  /** What would have had to be seen. */
  readonly missing: string;
  readonly evidence: Finding['evidence'];
}

/**
 * Whether the harness's own round trips through the proxy show the fault, by the medians before, during and after (no
 * answer counts as infinitely long): a latency must shift the median by at least half of it, or leave it without answer;
 * a cut edge must not answer, a flapping one must answer and not answer. Before and after, the edge must have been well, or
 * the fault is not what was seen.
 */
export function edgeDisturbed(shows: Shows, probes: readonly EdgeProbe[]): EdgeVerdict {
  const [before, during, after] = [median(probes, 'before'), median(probes, 'during'), median(probes, 'after')];
  const shiftMs = typeof shows === 'object' ? shows.longerByMs : undefined;
  const well = (ms: number | undefined): boolean =>
    ms !== undefined && Number.isFinite(ms) && (shiftMs === undefined || ms < (before ?? 0) + shiftMs);
  const ill = (ms: number | undefined): boolean =>
    ms !== undefined && (ms === Number.POSITIVE_INFINITY || (shiftMs !== undefined && ms >= (before ?? 0) + shiftMs));
  const [answered, unanswered] = [true, false].map(
    (yes) => probes.filter(({ when, roundTripMs }) => when === 'during' && (roundTripMs !== undefined) === yes).length,
  ) as [number, number];
  const partly = shows === 'partly-unanswered';
  const disturbed = partly ? answered > 0 && unanswered > 0 : ill(during);
  const missing = [
    well(before) ? undefined : 'no answer before the fault',
    disturbed
      ? undefined
      : during === undefined
        ? 'no round trip during the fault'
        : partly && answered === 0
          ? 'it never answered during the fault'
          : 'it answered as usual during the fault',
    well(after)
      ? undefined
      : after === undefined
        ? 'no round trip after the fault'
        : 'it was not well again after the fault',
  ].filter((text) => text !== undefined);
  return {
    disturbed: missing.length === 0,
    measured: partly
      ? `${unanswered} of ${answered + unanswered} round trips without answer`
      : `round trip ${shown(before)} → ${shown(during)} → ${shown(after)}`,
    missing: missing.join(', '),
    evidence: figures({ roundTripBeforeMs: before, roundTripDuringMs: during, roundTripAfterMs: after }),
  };
}

/** The same of what the harness looked at while the fault should have been in force: it must have been seen at least once. */
export function signsDisturbed(signs: readonly SignObservation[]): EdgeVerdict {
  const seen = signs.filter((sign) => sign.seen);
  const last = seen.at(-1) ?? signs.at(-1);
  return {
    disturbed: seen.length > 0,
    measured: last?.detail ?? 'not looked at',
    missing: seen.length > 0 ? '' : (last?.detail ?? 'nobody looked at it while it was in force'),
    evidence: figures({ looks: signs.length, looksThatSawIt: seen.length }),
  };
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
