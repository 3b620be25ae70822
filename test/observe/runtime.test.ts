import { expect, test } from 'vitest';
import { runtimeHistory } from '../../lib/observe/runtime.ts';

const sample = (name: string, value: number) => ({ name, labels: new Map<string, string>(), value });

test('tells heap, goroutines and the pauses of a window', () => {
  const history = runtimeHistory();
  const at = (atMs: number, heap: number, pauses: number) =>
    history.add(atMs, [
      sample('go_memstats_heap_inuse_bytes', heap),
      sample('go_gc_duration_seconds_sum', pauses),
      sample('go_goroutines', 12),
    ]);
  at(900, 100, 1);
  at(1_900, 200, 1.25);
  at(2_900, 150, 1.25);
  expect(history.between(0, 1_000)).toEqual({ heapBytes: 100, goroutines: 12 });
  expect(history.between(1_000, 2_000)).toEqual({ heapBytes: 200, gcPauseSeconds: 0.25, goroutines: 12 });
  expect(history.between(2_000, 3_000)).toEqual({ heapBytes: 150, gcPauseSeconds: 0, goroutines: 12 });
  expect(history.between(3_000, 4_000)).toBeUndefined();
});

test('a service that has started anew has no negative pauses', () => {
  const history = runtimeHistory();
  history.add(500, [sample('go_gc_duration_seconds_sum', 5)]);
  history.add(1_500, [sample('go_gc_duration_seconds_sum', 0.1)]);
  expect(history.between(1_000, 2_000)).toEqual({});
});

test('a page that tells nothing about a runtime is not in the timeline', () => {
  const history = runtimeHistory();
  history.add(500, [sample('requests_total', 5)]);
  expect(history.between(0, 1_000)).toBeUndefined();
});
