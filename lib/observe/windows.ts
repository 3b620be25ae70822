import { addHistograms, emptyHistogram } from './histogram.ts';
import type { Histogram, OperationWindow, Second } from './observations.ts';
import type { Increment } from './series.ts';

/** The part of a second that k6 tells. */
type LoadWindow = Pick<Second, 'iterations' | 'dropped' | 'exceptions' | 'busyVus' | 'operations'>;

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
  const operations = new Map<string, { -readonly [Key in keyof OperationWindow]: OperationWindow[Key] }>();
  for (const increment of increments) {
    switch (increment.kind) {
      case 'requests': {
        const { operation, protocol, phase, outcome, durations } = increment;
        const key = JSON.stringify([operation, protocol, phase]);
        const none: Histogram = emptyHistogram();
        const window = operations.get(key) ?? { operation, protocol, phase, succeeded: none, failed: none };
        window[outcome] = addHistograms(window[outcome], durations);
        operations.set(key, window);
        break;
      }
      case 'iterations':
        iterations += increment.durations.count;
        busyVus += increment.durations.sum;
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
  const byName = [...operations.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, window]) => window);
  return { iterations, dropped, exceptions, busyVus, operations: byName };
}
