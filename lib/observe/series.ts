import { eighthRoot } from './fine-histogram.ts';
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
      readonly outcome: 'succeeded' | 'rejected' | 'failed';
      /** Whether the scenario counts these requests' good events itself, see `good`. */
      readonly counted: boolean;
      readonly durations: Histogram;
    }
  /** Requests that succeeded in under a limit: surely, or perhaps (the generator's clock cannot tell). */
  | {
      readonly kind: 'good';
      readonly operation: string;
      readonly protocol: 'http' | 'grpc';
      readonly phase: string;
      readonly underMs: number;
      readonly surely: boolean;
      readonly count: number;
    }
  | { readonly kind: 'iterations' | 'start-lags'; readonly durations: Histogram }
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
      switch (meaning.kind) {
        case 'requests':
        case 'iterations':
        case 'start-lags': {
          const durations = newDurations(key, series);
          if (durations === undefined) break;
          increments.push({ ...meaning, durations: series.name === RESPONSE ? eighthRoot(durations) : durations });
          break;
        }
        case 'good':
        case 'dropped':
        case 'exceptions': {
          const count = newCount(key, series);
          if (count !== 0) increments.push({ ...meaning, count });
          break;
        }
        default:
          meaning satisfies never;
      }
    }
    return increments;
  };
}

type Without<Item, Key extends string> = Item extends unknown ? Omit<Item, Key> : never;
type Meaning = Without<Increment, 'durations' | 'count'>;

const RESPONSE = 'k6_cutover_response';
/** The typed refusals: "I have too much to do", HTTP 429 and gRPC RESOURCE_EXHAUSTED. */
const REJECTED = { http: '429', grpc: '8' } as const;

/**
 * What one of k6's series counts; undefined: nothing of interest. Series without a scenario are of the script's setup and
 * teardown, which are not part of the load. Iterations are counted by their durations' histogram: `k6_iterations_total`
 * has the same samples. A request that the support library has measured comes twice, by k6 and by the library: the label
 * `measured` on k6's series says so.
 */
function meaningOf({ name, labels }: PushedSeries): Meaning | undefined {
  if (!labels.has('scenario')) return undefined;
  const operation = labels.get('name') ?? labels.get('method') ?? 'unnamed';
  const phase = labels.get('phase') ?? '';
  const measured = labels.get('measured');
  const protocol = labels.get('proto') === 'grpc' ? 'grpc' : 'http';
  switch (name) {
    case 'k6_http_req_duration_seconds': {
      if (measured !== undefined) return undefined;
      const outcome = outcomeOf(labels.get('expected_response') === 'true', labels.get('status') === REJECTED.http);
      return { kind: 'requests', operation, protocol: 'http', phase, outcome, counted: false };
    }
    case 'k6_grpc_req_duration_seconds': {
      const status = labels.get('status');
      // k6 leaves out calls that its own time-out ended: the library records all that fail.
      if (measured !== undefined && status !== '0') return undefined;
      const outcome = outcomeOf(status === '0', status === REJECTED.grpc);
      return { kind: 'requests', operation, protocol: 'grpc', phase, outcome, counted: measured !== undefined };
    }
    case RESPONSE: {
      const told = labels.get('outcome');
      const outcome = outcomeOf(told === 'ok', told === 'rejected');
      return { kind: 'requests', operation, protocol, phase, outcome, counted: true };
    }
    case 'k6_cutover_good_total':
    case 'k6_cutover_maybe_total': {
      const underMs = Number(labels.get('under'));
      if (!Number.isFinite(underMs)) return undefined;
      return { kind: 'good', operation, protocol, phase, underMs, surely: name === 'k6_cutover_good_total' };
    }
    case 'k6_iteration_duration_seconds':
      return { kind: 'iterations' };
    case 'k6_cutover_start_lag_seconds':
      return { kind: 'start-lags' };
    case 'k6_dropped_iterations_total':
      return { kind: 'dropped' };
    case 'k6_cutover_exceptions_total':
      return { kind: 'exceptions' };
    default:
      return undefined;
  }
}

function outcomeOf(ok: boolean, refused: boolean): 'succeeded' | 'rejected' | 'failed' {
  if (ok) return 'succeeded';
  return refused ? 'rejected' : 'failed';
}

/** Labels arrive sorted by name, as remote write demands. */
function keyOf({ labels }: PushedSeries): string {
  return JSON.stringify([...labels]);
}
