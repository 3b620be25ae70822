import type { Timeline } from '../../reports/model/verdict.ts';
import { quantile } from '../observe/histogram.ts';
import type { Histogram, RuntimeWindow, Second } from '../observe/observations.ts';
import { sum, sumHistograms } from './tally.ts';

type Line = (number | null)[];

/** The charts' lines, one value a second; a second that was not observed is a gap (null) in all of them. */
export function timelineOf(seconds: readonly Second[]): Timeline {
  const at = new Map(seconds.map((second) => [second.t, second]));
  const times = [...at.keys()];
  const first = times.reduce((least, t) => Math.min(least, t), times[0] ?? 0);
  const last = times.reduce((most, t) => Math.max(most, t), times[0] ?? -1);
  const t = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const line = (value: (second: Second) => number | undefined): Line =>
    t.map((time) => {
      const second = at.get(time);
      const figure = second === undefined ? undefined : value(second);
      return figure === undefined || !Number.isFinite(figure) ? null : figure;
    });

  const requests = new Map(seconds.map((second) => [second, byOperation(second)]));
  const operations = distinct(seconds.flatMap((second) => second.operations.map(({ operation }) => operation)));
  const resources = seconds.flatMap((second) => second.resources);
  const runtimes = seconds.flatMap((second) => second.runtimes);
  const sources = distinct(resources.map(({ source }) => source));
  const withMemory = distinct(resources.filter(({ role }) => role !== 'machine').map(({ source }) => source));
  return {
    t,
    load: {
      offered: line((second) => second.offered),
      achieved: line((second) => second.iterations),
      dropped: line((second) => second.dropped),
    },
    latency: byName(operations, (operation) => {
      const quantileLine = (q: number): Line =>
        line((second) => quantileMs(requests.get(second)?.get(operation)?.durations, q));
      return { p50: quantileLine(0.5), p95: quantileLine(0.95), p99: quantileLine(0.99) };
    }),
    errors: byName(operations, (operation) => line((second) => requests.get(second)?.get(operation)?.failed ?? 0)),
    cpu: byName(sources, (source) => line((second) => resource(second, source, 'cpuCores'))),
    memory: byName(withMemory, (source) => line((second) => resource(second, source, 'rssBytes'))),
    heap: byName(sourcesOf(runtimes, 'heapBytes'), (source) => line((second) => runtime(second, source)?.heapBytes)),
    gcPause: byName(sourcesOf(runtimes, 'gcPauseSeconds'), (source) =>
      line((second) => {
        const pause = runtime(second, source)?.gcPauseSeconds;
        return pause === undefined ? undefined : pause * 1_000;
      }),
    ),
    startLag: line(({ startLag }) => quantileMs(startLag, 0.99)),
  };
}

interface Requests {
  /** Failed and succeeded together, over all protocols: what the clients waited. */
  readonly durations: Histogram;
  readonly failed: number;
}

function byOperation({ operations }: Second): ReadonlyMap<string, Requests> {
  const groups = Map.groupBy(operations, ({ operation }) => operation);
  return new Map(
    [...groups].map(([operation, windows]) => [
      operation,
      {
        durations: sumHistograms(windows.flatMap(({ succeeded, failed }) => [succeeded, failed])),
        failed: sum(windows, ({ failed }) => failed.count),
      },
    ]),
  );
}

function quantileMs(durations: Histogram | undefined, q: number): number | undefined {
  const seconds = durations === undefined ? undefined : quantile(durations, q);
  return seconds === undefined ? undefined : seconds * 1_000;
}

function resource(second: Second, source: string, figure: 'cpuCores' | 'rssBytes'): number | undefined {
  const windows = second.resources.filter((window) => window.source === source);
  return windows.length === 0 ? undefined : sum(windows, (window) => window[figure]);
}

function runtime({ runtimes }: Second, source: string): RuntimeWindow | undefined {
  return runtimes.find((window) => window.source === source);
}

function sourcesOf(runtimes: readonly RuntimeWindow[], figure: 'heapBytes' | 'gcPauseSeconds'): string[] {
  return distinct(runtimes.filter((window) => window[figure] !== undefined).map(({ source }) => source));
}

function byName<Value>(names: readonly string[], make: (name: string) => Value): Record<string, Value> {
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted((a, b) => a.localeCompare(b));
}
