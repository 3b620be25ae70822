import type { Timeline } from '../../model/verdict.ts';
import type { Values } from './chart.ts';

/** More points than this cannot be told apart on a screen. */
export const MAX_POINTS = 1_200;
/** Each stretch keeps three points of a line: its lowest, its highest, and a gap (or else its last one). */
const KEPT = 3;

/**
 * A timeline with at most `MAX_POINTS` points a line, for drawing: of each stretch of a line the lowest and the highest value
 * are kept in their order, and that there is a gap. Lines share their times, so a point may stand up to one stretch off.
 */
export function thinTimeline(timeline: Timeline): Timeline {
  const stretch = stretchOf(timeline);
  if (stretch === 1) return timeline;
  const line = (values: Values) => thinned(values, stretch);
  const lines = (byName: Readonly<Record<string, Values>>) =>
    Object.fromEntries(Object.entries(byName).map(([name, values]) => [name, line(values)]));
  const { t, load, latency, errors, cpu, memory, heap, gcPause, startLag } = timeline;
  return {
    t: thinnedTimes(t, stretch),
    load: { offered: line(load.offered), achieved: line(load.achieved), dropped: line(load.dropped) },
    latency: Object.fromEntries(
      Object.entries(latency).map(([name, { p50, p95, p99 }]) => [
        name,
        { p50: line(p50), p95: line(p95), p99: line(p99) },
      ]),
    ),
    errors: lines(errors),
    cpu: lines(cpu),
    memory: lines(memory),
    heap: lines(heap),
    gcPause: lines(gcPause),
    startLag: line(startLag),
  };
}

/** Of how many points in a row `thinTimeline` keeps the lowest and the highest: 1 where it keeps all. */
export function stretchOf({ t }: Pick<Timeline, 't'>): number {
  return t.length <= MAX_POINTS ? 1 : Math.ceil((t.length * KEPT) / MAX_POINTS);
}

/** Counts in wider bins, each the sum of so many in a row: no event is left out. */
export function mergeBins(counts: readonly number[], stretch: number): number[] {
  return Array.from({ length: Math.ceil(counts.length / stretch) }, (_, index) =>
    counts.slice(index * stretch, (index + 1) * stretch).reduce((sum, count) => sum + count, 0),
  );
}

function thinned(values: Values, stretch: number): (number | null)[] {
  const kept: (number | null)[] = [];
  for (let start = 0; start < values.length; start += stretch) {
    const end = Math.min(start + stretch, values.length);
    let [lowest, highest, gap] = [-1, -1, -1];
    for (let index = start; index < end; index++) {
      const value = values[index] ?? null;
      if (value === null) {
        gap = index;
        continue;
      }
      if (lowest === -1 || value < (values[lowest] ?? 0)) lowest = index;
      if (highest === -1 || value > (values[highest] ?? 0)) highest = index;
    }
    const chosen = lowest === -1 ? [gap, gap, gap] : [lowest, highest, gap === -1 ? end - 1 : gap];
    kept.push(...chosen.toSorted((a, b) => a - b).map((index) => values[index] ?? null));
  }
  return kept;
}

/** Evenly within each stretch; the last one is the run's own, so that its length stays. */
function thinnedTimes(t: readonly number[], stretch: number): number[] {
  const kept: number[] = [];
  for (let start = 0; start < t.length; start += stretch) {
    const [from, to] = [t[start] ?? 0, t[Math.min(start + stretch, t.length) - 1] ?? 0];
    for (let index = 0; index < KEPT; index++) kept.push(from + ((to - from) * index) / KEPT);
  }
  kept[kept.length - 1] = t.at(-1) ?? 0;
  return kept;
}
