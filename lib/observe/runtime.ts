import type { RuntimeWindow } from './observations.ts';
import type { MetricSample } from './prometheus-text.ts';

/** Names under which runtimes tell about themselves; the first that is there is taken. */
const HEAP_BYTES = ['go_memstats_heap_inuse_bytes', 'process_heap_bytes', 'nodejs_heap_size_used_bytes'];
const GC_PAUSE_SECONDS = ['go_gc_duration_seconds_sum', 'nodejs_gc_duration_seconds_sum'];
const GOROUTINES = ['go_goroutines'];

export const RUNTIME_METRICS: readonly string[] = [...HEAP_BYTES, ...GC_PAUSE_SECONDS, ...GOROUTINES];

/** A reading of one service's page. */
interface Reading {
  readonly atMs: number;
  readonly heapBytes: number | undefined;
  readonly gcPauseTotalSeconds: number | undefined;
  readonly goroutines: number | undefined;
}

/** What a service tells about its runtime, by window. Keeps the last readings only. */
export interface RuntimeHistory {
  add(atMs: number, samples: readonly MetricSample[]): void;
  /** Of [fromMs, toMs); undefined when the service told nothing in it. */
  between(fromMs: number, toMs: number): Omit<RuntimeWindow, 'source'> | undefined;
}

const KEPT_READINGS = 30;

export function runtimeHistory(): RuntimeHistory {
  const readings: Reading[] = [];
  return {
    add(atMs, samples) {
      const reading = {
        atMs,
        heapBytes: firstOf(samples, HEAP_BYTES),
        gcPauseTotalSeconds: firstOf(samples, GC_PAUSE_SECONDS),
        goroutines: firstOf(samples, GOROUTINES),
      };
      if ((reading.heapBytes ?? reading.gcPauseTotalSeconds ?? reading.goroutines) === undefined) return;
      readings.push(reading);
      if (readings.length > KEPT_READINGS) readings.shift();
    },
    between(fromMs, toMs) {
      const last = readings.findLast(({ atMs }) => atMs >= fromMs && atMs < toMs);
      if (last === undefined) return undefined;
      const before = readings.findLast(({ atMs }) => atMs < fromMs);
      const pause = (last.gcPauseTotalSeconds ?? Number.NaN) - (before?.gcPauseTotalSeconds ?? Number.NaN);
      return {
        ...(last.heapBytes === undefined ? {} : { heapBytes: last.heapBytes }),
        // Not a number without two readings; negative when the service has started anew.
        ...(pause >= 0 ? { gcPauseSeconds: pause } : {}),
        ...(last.goroutines === undefined ? {} : { goroutines: last.goroutines }),
      };
    },
  };
}

function firstOf(samples: readonly MetricSample[], names: readonly string[]): number | undefined {
  for (const wanted of names) {
    const sample = samples.find(({ name }) => name === wanted);
    if (sample !== undefined && Number.isFinite(sample.value) && sample.value >= 0) return sample.value;
  }
  return undefined;
}
