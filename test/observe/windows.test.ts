import { expect, test } from 'vitest';
import { emptyHistogram } from '../../lib/observe/histogram.ts';
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
  counted: false,
  durations: histogramOf(values),
});

const counted = (outcome: 'succeeded' | 'rejected' | 'failed', values: number[]): Increment => ({
  kind: 'requests',
  operation: 'quote',
  protocol: 'grpc',
  phase: 'steady',
  outcome,
  counted: true,
  durations: histogramOf(values),
});

const good = (underMs: number, count: number, surely = true): Increment => ({
  kind: 'good',
  operation: 'quote',
  protocol: 'grpc',
  phase: 'steady',
  underMs,
  surely,
  count,
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
  const startLag = emptyHistogram();
  expect(windows.take(1)).toEqual({ iterations: 0, dropped: 0, exceptions: 0, busyVus: 0, startLag, operations: [] });
});

test('good events that the scenario has counted are an interval, by limit', () => {
  const windows = collectWindows();
  windows.add(0, [counted('succeeded', [0.01, 0.02, 0.4]), counted('failed', [1]), good(500, 3), good(50, 1)]);
  windows.add(0, [good(50, 1, false)]);
  const [window] = windows.take(0).operations;
  expect(window?.within).toEqual([
    { underMs: 50, low: 1, high: 2 },
    { underMs: 500, low: 3, high: 3 },
  ]);
});

test('one request that was not counted, and the counts say nothing', () => {
  const uncounted = requests('succeeded', [0.01]);
  if (uncounted.kind !== 'requests') throw new Error('a request is wanted');
  const windows = collectWindows();
  windows.add(0, [counted('succeeded', [0.01]), good(50, 1), { ...uncounted, protocol: 'grpc' }]);
  expect(windows.take(0).operations[0]).not.toHaveProperty('within');
});

test('refusals are failures of their own kind', () => {
  const windows = collectWindows();
  windows.add(0, [counted('succeeded', [1]), counted('rejected', [0.1, 0.1]), counted('failed', [0.1])]);
  expect(windows.take(0).operations[0]).toMatchObject({ rejected: 2, failed: { count: 3 }, succeeded: { count: 1 } });
});

test('start lags add up', () => {
  const windows = collectWindows();
  windows.add(0, [{ kind: 'start-lags', durations: histogramOf([0.001, 0.004]) }]);
  windows.add(0, [{ kind: 'start-lags', durations: histogramOf([0.002]) }]);
  expect(windows.take(0).startLag).toEqual(histogramOf([0.001, 0.002, 0.004]));
});
