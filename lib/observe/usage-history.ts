import type { Usage } from './process-tree.ts';

/** Readings further apart than this say nothing about a second in between. */
const MAX_GAP_MS = 2_500;
/** Readings older than this before the newest are not asked for any more. */
const KEEP_MS = 120_000;

/** Readings of one source over time, from which the use in a window is worked out. */
export interface UsageHistory {
  add(atMs: number, usage: Usage): void;
  /** What is added from now on is another process's: what was before it stays known, in between is a gap. */
  startAnew(): void;
  /**
   * CPU in cores on average over [fromMs, toMs), and memory by the first reading at or after its end. CPU time at the
   * window's edges is interpolated between the readings around them. Undefined when there is none before or after, or
   * they are more than 2.5 s apart: a gap is not filled.
   */
  between(fromMs: number, toMs: number): { readonly cpuCores: number; readonly rssBytes: number } | undefined;
}

export function usageHistory(): UsageHistory {
  let readings: (Usage & { readonly atMs: number; readonly series: number })[] = [];
  let series = 0;

  function around(atMs: number) {
    const index = readings.findLastIndex((reading) => reading.atMs <= atMs);
    const before = readings[index];
    if (before === undefined) return undefined;
    const after = before.atMs === atMs ? before : readings[index + 1];
    if (after?.series !== before.series || after.atMs - before.atMs > MAX_GAP_MS) return undefined;
    const share = after === before ? 0 : (atMs - before.atMs) / (after.atMs - before.atMs);
    const cpuSeconds = before.cpuSeconds + share * (after.cpuSeconds - before.cpuSeconds);
    return { cpuSeconds, rssBytes: after.rssBytes, series: before.series };
  }

  return {
    add(atMs, usage) {
      const last = readings.at(-1);
      // CPU time that went down: another process answers now.
      if (last?.series === series && usage.cpuSeconds < last.cpuSeconds) series += 1;
      readings.push({ ...usage, atMs, series });
      const first = readings[0];
      if (first !== undefined && first.atMs < atMs - KEEP_MS) {
        readings = readings.filter((reading) => reading.atMs >= atMs - KEEP_MS / 2);
      }
    },
    startAnew: () => void (series += 1),
    between(fromMs, toMs) {
      const start = around(fromMs);
      const end = around(toMs);
      if (start?.series !== end?.series || start === undefined || end === undefined) return undefined;
      return {
        cpuCores: Math.max(0, end.cpuSeconds - start.cpuSeconds) / ((toMs - fromMs) / 1_000),
        rssBytes: end.rssBytes,
      };
    },
  };
}
