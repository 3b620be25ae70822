import { type Phase, perMinute } from './profile.ts';

/** When the iterations of an open model are due. Times are milliseconds since the load's start. */
export interface DueTimes {
  /** When the iteration of this number (0-based, dropped ones counted too) is due; undefined: not in this load. */
  dueMs(index: number): number | undefined;
  /** The latest time up to `atMs` at which any iteration was due; 0 before the first. */
  latestDueMs(atMs: number): number;
}

interface Line {
  readonly startMs: number;
  readonly endMs: number;
  /** Arrivals a millisecond at its ends. */
  readonly from: number;
  readonly to: number;
  /** Arrivals before it. */
  readonly before: number;
  /** Arrivals in it. */
  readonly arrivals: number;
}

/**
 * k6's ramping-arrival-rate starts iteration i (0-based) when the integral of the rate reaches i + 1 (`cal` in its
 * lib/executor/ramping_arrival_rate.go), with the whole rates a minute that `arrivals()` gives it.
 */
export function dueTimes(phases: readonly Phase[]): DueTimes {
  const lines = linesOf(phases);
  return {
    dueMs(index) {
      const area = index + 1;
      const line = lines.find(({ before, arrivals }) => area <= before + arrivals);
      return line === undefined ? undefined : timeOf(line, area - line.before);
    },
    latestDueMs(atMs) {
      const line = lines.findLast(({ startMs }) => startMs <= atMs);
      if (line === undefined) return 0;
      const area = Math.floor(line.before + areaUntil(line, Math.min(atMs, line.endMs)) + 1e-9);
      if (area < 1) return 0;
      const holder = area > line.before ? line : lines.findLast(({ before }) => before < area);
      return holder === undefined ? 0 : timeOf(holder, area - holder.before);
    },
  };
}

/** The time at which `area` arrivals of the line have come: the integral of a straight line, solved for the time. */
function timeOf({ startMs, endMs, from, to }: Line, area: number): number {
  const lengthMs = endMs - startMs;
  if (from === to) return startMs + area / from;
  const slope = (to - from) / lengthMs;
  return startMs + (-from + Math.sqrt(Math.max(0, from * from + 2 * slope * area))) / slope;
}

function areaUntil({ startMs, endMs, from, to }: Line, atMs: number): number {
  const elapsedMs = atMs - startMs;
  const rate = from + ((to - from) * elapsedMs) / (endMs - startMs);
  return (elapsedMs * (from + rate)) / 2;
}

function linesOf(phases: readonly Phase[]): Line[] {
  const perMs = (perSecond: number) => perMinute(perSecond) / 60_000;
  const lines: Line[] = [];
  let before = 0;
  for (const { startMs, endMs, fromPerSecond, toPerSecond, shape } of phases) {
    const corners = shape ?? [
      { atMs: startMs, perSecond: fromPerSecond },
      { atMs: endMs, perSecond: toPerSecond },
    ];
    for (let index = 1; index < corners.length; index += 1) {
      const [a, b] = [corners[index - 1], corners[index]];
      if (a === undefined || b === undefined || b.atMs <= a.atMs) continue;
      const [from, to] = [perMs(a.perSecond), perMs(b.perSecond)];
      const arrivals = ((b.atMs - a.atMs) * (from + to)) / 2;
      lines.push({ startMs: a.atMs, endMs: b.atMs, from, to, before, arrivals });
      before += arrivals;
    }
  }
  return lines;
}
