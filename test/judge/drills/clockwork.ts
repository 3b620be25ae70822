/** Runs what is planned in the order of time; what is planned for the same time in the order of planning. */
export interface Clockwork {
  readonly nowMs: () => number;
  at(atMs: number, run: () => void): void;
  /** Until nothing is planned any more. */
  run(): void;
}

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A binary heap: a minute of simulated load is some hundred thousand events. */
export function clockwork(): Clockwork {
  const heap: Entry[] = [];
  let [now, order] = [0, 0];
  const isBefore = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  const swap = (i: number, j: number): void => {
    [heap[i], heap[j]] = [heap[j] as Entry, heap[i] as Entry];
  };
  const rise = (start: number): void => {
    for (let i = start; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!isBefore(heap[i] as Entry, heap[parent] as Entry)) return;
      swap(i, parent);
      i = parent;
    }
  };
  const sink = (): void => {
    for (let i = 0; ;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < heap.length && isBefore(heap[child] as Entry, heap[least] as Entry)) least = child;
      }
      if (least === i) return;
      swap(i, least);
      i = least;
    }
  };
  return {
    nowMs: () => now,
    at(atMs, run) {
      heap.push({ atMs: Math.max(atMs, now), order: order++, run });
      rise(heap.length - 1);
    },
    run() {
      for (let next = heap[0]; next !== undefined; next = heap[0]) {
        const last = heap.pop() as Entry;
        if (heap.length > 0) {
          heap[0] = last;
          sink();
        }
        now = next.atMs;
        next.run();
      }
    },
  };
}
