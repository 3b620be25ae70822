import type { Timeline } from '../../reports/model/verdict.ts';
import { quantile } from '../observe/histogram.ts';
import type { Second } from '../observe/observations.ts';
import { sum, sumHistograms, tallySecond } from './tally.ts';
import type { Tally } from './tally.ts';

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

  const operations = distinct(seconds.flatMap((second) => second.operations.map(({ operation }) => operation)));
  const resources = seconds.flatMap((second) => second.resources);
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
      const quantileLine = (q: number): Line => line((second) => quantileMs(tallySecond(second, { operation }), q));
      return { p50: quantileLine(0.5), p95: quantileLine(0.95), p99: quantileLine(0.99) };
    }),
    errors: byName(operations, (operation) => line((second) => tallySecond(second, { operation }).failed.count)),
    cpu: byName(sources, (source) => line((second) => resource(second, source, 'cpuCores'))),
    memory: byName(withMemory, (source) => line((second) => resource(second, source, 'rssBytes'))),
  };
}

/** Failed and succeeded requests together: what the clients waited. */
function quantileMs({ succeeded, failed }: Tally, q: number): number | undefined {
  const seconds = quantile(sumHistograms([succeeded, failed]), q);
  return seconds === undefined ? undefined : seconds * 1_000;
}

function resource(second: Second, source: string, figure: 'cpuCores' | 'rssBytes'): number | undefined {
  const windows = second.resources.filter((window) => window.source === source);
  return windows.length === 0 ? undefined : sum(windows, (window) => window[figure]);
}

function byName<Value>(names: readonly string[], make: (name: string) => Value): Record<string, Value> {
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted((a, b) => a.localeCompare(b));
}
