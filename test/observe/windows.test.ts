import { expect, test } from 'vitest';
import type { Increment } from '../../lib/observe/series.ts';
import { collectWindows } from '../../lib/observe/windows.ts';
import { histogramOf } from './arbitraries.ts';

const requests = (
  outcome: 'succeeded' | 'failed',
  values: number[],
  phase = 'steady',
  operation = 'quote',
): Increment => ({
  kind: 'requests',
  operation,
  protocol: 'http',
  phase,
  outcome,
  durations: histogramOf(values),
});

test('a window is the sum of its increments, by operation and phase', () => {
  const windows = collectWindows();
  windows.add(3, [requests('succeeded', [0.125]), requests('failed', [0.5]), { kind: 'dropped', count: 2 }]);
  windows.add(3, [
    requests('succeeded', [0.25, 0.25]),
    requests('succeeded', [1], 'fault'),
    { kind: 'iterations', durations: histogramOf([0.5, 1.5]) },
    { kind: 'exceptions', count: 1 },
    { kind: 'dropped', count: 3 },
  ]);
  const window = windows.take(3);
  expect(window).toMatchObject({ iterations: 2, dropped: 5, exceptions: 1, busyVus: 2 });
  expect(window.operations.map(({ phase, succeeded, failed }) => [phase, succeeded.count, failed.count])).toEqual([
    ['fault', 1, 0],
    ['steady', 3, 1],
  ]);
  expect(window.operations[1]?.succeeded).toEqual(histogramOf([0.125, 0.25, 0.25]));
});

test('a window without increments is empty, and one that was taken is forgotten', () => {
  const windows = collectWindows();
  expect(windows.last()).toBe(-1);
  windows.add(1, [requests('succeeded', [1])]);
  windows.add(4, []);
  expect(windows.last()).toBe(4);
  expect(windows.take(1).operations).toHaveLength(1);
  expect(windows.take(1)).toEqual({ iterations: 0, dropped: 0, exceptions: 0, busyVus: 0, operations: [] });
});
