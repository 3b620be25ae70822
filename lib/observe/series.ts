import { subtractHistogram } from './histogram.ts';
import type { Histogram } from './observations.ts';
import type { PushedSeries } from './remote-write.ts';

/** What happened since the push before, in the harness's words. */
export type Increment =
  | {
      readonly kind: 'requests';
      readonly operation: string;
      readonly protocol: 'http' | 'grpc';
      readonly phase: string;
      readonly outcome: 'succeeded' | 'failed';
      readonly durations: Histogram;
    }
  | { readonly kind: 'iterations'; readonly durations: Histogram }
  | { readonly kind: 'dropped' | 'exceptions'; readonly count: number };

/**
 * Follows k6's cumulative series: each call takes a push and returns what is new since the one before. It remembers one
 * reading for each series, so that memory is flat once all series have been seen. Throws BadPush.
 */
export function followSeries(): (push: readonly PushedSeries[]) => readonly Increment[] {
  const histograms = new Map<string, Histogram>();
  const counters = new Map<string, number>();

  function newDurations(key: string, series: PushedSeries): Histogram | undefined {
    const now = series.histogram?.();
    if (now === undefined) return undefined;
    const before = histograms.get(key);
    histograms.set(key, now);
    const durations = before === undefined ? now : subtractHistogram(now, before);
    return durations.count === 0 ? undefined : durations;
  }

  function newCount(key: string, { value }: PushedSeries): number {
    // Markers that end a series are not a number.
    if (value === undefined || !Number.isFinite(value)) return 0;
    const before = counters.get(key) ?? 0;
    counters.set(key, value);
    return value < before ? value : value - before;
  }

  return (push) => {
    const increments: Increment[] = [];
    for (const series of push) {
      const meaning = meaningOf(series);
      if (meaning === undefined) continue;
      const key = keyOf(series);
      if (meaning.kind === 'requests' || meaning.kind === 'iterations') {
        const durations = newDurations(key, series);
        if (durations !== undefined) increments.push({ ...meaning, durations });
      } else {
        const count = newCount(key, series);
        if (count !== 0) increments.push({ ...meaning, count });
      }
    }
    return increments;
  };
}

type Without<Item, Key extends string> = Item extends unknown ? Omit<Item, Key> : never;
type Meaning = Without<Increment, 'durations' | 'count'>;

/**
 * What one of k6's series counts; undefined: nothing of interest. Series without a scenario are of the script's setup and
 * teardown, which are not part of the load. Iterations are counted by their durations' histogram: `k6_iterations_total`
 * has the same samples.
 */
function meaningOf({ name, labels }: PushedSeries): Meaning | undefined {
  if (!labels.has('scenario')) return undefined;
  const operation = labels.get('name') ?? labels.get('method') ?? 'unnamed';
  const phase = labels.get('phase') ?? '';
  switch (name) {
    case 'k6_http_req_duration_seconds': {
      const outcome = labels.get('expected_response') === 'true' ? 'succeeded' : 'failed';
      return { kind: 'requests', operation, protocol: 'http', phase, outcome };
    }
    case 'k6_grpc_req_duration_seconds': {
      const outcome = labels.get('status') === '0' ? 'succeeded' : 'failed';
      return { kind: 'requests', operation, protocol: 'grpc', phase, outcome };
    }
    case 'k6_iteration_duration_seconds':
      return { kind: 'iterations' };
    case 'k6_dropped_iterations_total':
      return { kind: 'dropped' };
    case 'k6_cutover_exceptions_total':
      return { kind: 'exceptions' };
    default:
      return undefined;
  }
}

/** Labels arrive sorted by name, as remote write demands. */
function keyOf({ labels }: PushedSeries): string {
  return JSON.stringify([...labels]);
}
