import { type Profile, arrivals } from './profile.ts';

/** When the iterations of an open model are due. Times are milliseconds since the load's start. */
export interface DueTimes {
  /** When the iteration of this number (0-based, dropped ones counted too) is due; undefined: not in this load. */
  readonly dueMs: (index: number) => number | undefined;
  /** The latest time up to `atMs` at which any iteration was due; 0 before the first. */
  readonly latestDueMs: (atMs: number) => number;
}

/** One of k6's stages: a straight line. Times are nanoseconds, rates arrivals a nanosecond. */
interface Line {
  readonly startNs: number;
  readonly lengthNs: number;
  readonly from: number;
  readonly to: number;
  /** Arrivals before its start and before its end. */
  readonly before: number;
  readonly until: number;
}

const NS_PER_MS = 1e6;
const NS_PER_MINUTE = 6e10;
/** Of an arrival: a sum of many stages is no exact number. */
const ROUNDING = 1e-6;

/**
 * k6's ramping-arrival-rate starts iteration i (0-based) when the integral of the rate reaches i + 1. The units, and the order
 * of what is calculated, are those of `cal` in its lib/executor/ramping_arrival_rate.go: where an iteration is due on the very
 * end of a stage, rounding decides whether it still comes in it, and both must decide alike.
 */
export function dueTimes(profile: Profile): DueTimes {
  const lines = linesOf(profile);
  // This runs in every iteration, in an interpreter: no objects, no closures.
  const starts = Float64Array.from(lines, ({ startNs }) => startNs);
  const untils = Float64Array.from(lines, ({ until }) => until);
  const dueMs = (index: number) => {
    const line = lines[firstAtLeast(untils, index + 1)];
    return line === undefined ? undefined : timeMs(line, index + 1 - line.before);
  };
  return {
    dueMs,
    latestDueMs(atMs) {
      const atNs = atMs * NS_PER_MS;
      const next = firstAtLeast(starts, atNs);
      const line = lines[starts[next] === atNs ? next : next - 1];
      if (line === undefined) return 0;
      const elapsedNs = Math.min(atNs - line.startNs, line.lengthNs);
      const rate = line.from + ((line.to - line.from) * elapsedNs) / line.lengthNs;
      const area = Math.floor(line.before + (elapsedNs * (line.from + rate)) / 2 + ROUNDING);
      if (area < 1) return 0;
      const dueAtMs = area > line.before ? timeMs(line, area - line.before) : (dueMs(area - 1) ?? 0);
      return Math.min(atMs, dueAtMs);
    },
  };
}

function linesOf(profile: Profile): Line[] {
  const { startRate, stages } = arrivals(profile);
  const lines: Line[] = [];
  let [startNs, before, from] = [0, 0, startRate / NS_PER_MINUTE];
  for (const { target, duration } of stages) {
    const lengthNs = Number.parseFloat(duration) * NS_PER_MS;
    const to = target / NS_PER_MINUTE;
    const until = before + (from === to ? lengthNs * to : lengthNs * ((to - from) / 2 + from));
    // One of no length is a jump: nothing is due in it.
    if (lengthNs > 0) lines.push({ startNs, lengthNs, from, to, before, until });
    [startNs, before, from] = [startNs + lengthNs, until, to];
  }
  return lines;
}

/** When `area` arrivals of the line have come: the integral of a straight line, solved for the time. */
function timeMs(line: Line, area: number): number {
  const { startNs, lengthNs, from, to } = line;
  if (from === to) return (startNs + area / to) / NS_PER_MS;
  const root = Math.sqrt(Math.max(0, lengthNs * (from * from * lengthNs + 2 * area * (to - from))));
  return (startNs + (from * lengthNs - root) / (from - to)) / NS_PER_MS;
}

/** Index of the first of rising values that is not below `value`; their number if none is. A rate from a file may have thousands. */
function firstAtLeast(values: Float64Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] as number) >= value) high = middle;
    else low = middle + 1;
  }
  return low;
}
