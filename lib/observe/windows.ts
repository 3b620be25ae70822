import { addHistograms, emptyHistogram } from './histogram.ts';
import type { Histogram, OperationWindow, Second } from './observations.ts';
import type { Increment } from './series.ts';

/** The part of a second that k6 tells. */
type LoadWindow = Pick<Second, 'iterations' | 'dropped' | 'exceptions' | 'busyVus' | 'startLag' | 'operations'>;

/** Collects increments by window until the window is taken out. */
export interface Windows {
  add(window: number, increments: readonly Increment[]): void;
  /** The window's sum; afterwards it is forgotten. */
  take(window: number): LoadWindow;
  /** The last window that holds anything; −1 when none does. */
  last(): number;
}

export function collectWindows(): Windows {
  const pending = new Map<number, Increment[]>();
  return {
    add(window, increments) {
      const list = pending.get(window);
      if (list === undefined) pending.set(window, [...increments]);
      else list.push(...increments);
    },
    take(window) {
      const increments = pending.get(window) ?? [];
      pending.delete(window);
      return sumUp(increments);
    },
    last: () => Math.max(-1, ...pending.keys()),
  };
}

function sumUp(increments: readonly Increment[]): LoadWindow {
  let [iterations, dropped, exceptions, busyVus] = [0, 0, 0, 0];
  let startLag: Histogram = emptyHistogram();
  const operations = new Map<string, Collected>();
  const windowOf = (operation: string, protocol: 'http' | 'grpc', phase: string): Collected => {
    const key = JSON.stringify([operation, protocol, phase]);
    const known = operations.get(key);
    if (known !== undefined) return known;
    const none: Histogram = emptyHistogram();
    const window = {
      operation,
      protocol,
      phase,
      succeeded: none,
      failed: none,
      rejected: 0,
      good: new Map(),
      uncounted: false,
    };
    operations.set(key, window);
    return window;
  };
  for (const increment of increments) {
    switch (increment.kind) {
      case 'requests': {
        const { operation, protocol, phase, outcome, counted, durations } = increment;
        const window = windowOf(operation, protocol, phase);
        const side = outcome === 'succeeded' ? 'succeeded' : 'failed';
        window[side] = addHistograms(window[side], durations);
        if (outcome === 'rejected') window.rejected += durations.count;
        if (!counted) window.uncounted = true;
        break;
      }
      case 'good': {
        const { operation, protocol, phase, underMs, surely, count } = increment;
        const { good } = windowOf(operation, protocol, phase);
        const { low, high } = good.get(underMs) ?? { low: 0, high: 0 };
        good.set(underMs, { low: low + (surely ? count : 0), high: high + count });
        break;
      }
      case 'iterations':
        iterations += increment.durations.count;
        busyVus += increment.durations.sum;
        break;
      case 'start-lags':
        startLag = addHistograms(startLag, increment.durations);
        break;
      case 'dropped':
        dropped += increment.count;
        break;
      case 'exceptions':
        exceptions += increment.count;
        break;
      default:
        increment satisfies never;
    }
  }
  const byName = [...operations.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, window]) => finish(window));
  return { iterations, dropped, exceptions, busyVus, startLag, operations: byName };
}

interface Collected {
  readonly operation: string;
  readonly protocol: 'http' | 'grpc';
  readonly phase: string;
  succeeded: Histogram;
  failed: Histogram;
  rejected: number;
  readonly good: Map<number, { readonly low: number; readonly high: number }>;
  /** Whether some requests came without the scenario counting their good events. */
  uncounted: boolean;
}

function finish({ good, uncounted, ...window }: Collected): OperationWindow {
  if (uncounted) return window;
  const within = [...good]
    .map(([underMs, counts]) => ({ underMs, ...counts }))
    .toSorted((a, b) => a.underMs - b.underMs);
  return { ...window, within };
}
