import type { FinalRow } from '../../observe/history/observation.ts';
import type { WriteBook } from './write-book.ts';

/** What of one account's rows (of one source) has come so far, in their order. */
interface Stream {
  /** The latest that any of them was attempted, and which one that was. */
  latestMs: number;
  latest: number;
  /** The earliest that any of them was acknowledged. */
  earliestMs: number;
}

/**
 * Real-time order within an account: a write that was acknowledged before another one was attempted must not take effect after
 * it. Writes that overlap in time may come in either order. Linear where the rows come in order; else they are sorted first.
 */
export class RealTimeOrder {
  readonly #book: WriteBook;
  readonly #clockStepMs: number;
  readonly #writes: number[] = [];
  readonly #orders: number[] = [];
  readonly #streams: number[] = [];
  readonly #streamOf = new Map<string | number, number>();
  /** The last order of each stream so far. */
  readonly #last: number[] = [];
  #isSorted = true;

  constructor(book: WriteBook, clockStepMs: number) {
    this.#book = book;
    this.#clockStepMs = Math.abs(clockStepMs);
  }

  add(write: number, { order, source = '' }: FinalRow): void {
    if (order === undefined) return;
    const stream = this.#stream(this.#book.accountOf(write), source);
    if (order < (this.#last[stream] ?? -Infinity)) this.#isSorted = false;
    this.#last[stream] = order;
    this.#writes.push(write);
    this.#orders.push(order);
    this.#streams.push(stream);
  }

  /** Tells every write that comes too late, and one that it should have come before. Returns how many could have. */
  finish(onReordered: (write: number, after: number, found: string) => void): number {
    const book = this.#book;
    const streams: Stream[] = [];
    let comparable = 0;
    for (const at of this.#inOrder()) {
      const write = this.#writes[at] as number;
      const [attemptedMs, acknowledgedMs] = [book.attemptedMs(write), book.acknowledgedMs(write)];
      const stream = (streams[this.#streams[at] as number] ??= {
        latestMs: -Infinity,
        latest: -1,
        earliestMs: Infinity,
      });
      const reordered = acknowledgedMs + this.#clockStepMs < stream.latestMs;
      if (reordered || stream.earliestMs + this.#clockStepMs < attemptedMs) comparable += 1;
      if (reordered) {
        const laterMs = stream.latestMs - acknowledgedMs;
        onReordered(write, stream.latest, `was acknowledged ${laterMs} ms before the attempt of, and comes after`);
      }
      if (attemptedMs > stream.latestMs) [stream.latestMs, stream.latest] = [attemptedMs, write];
      stream.earliestMs = Math.min(stream.earliestMs, acknowledgedMs);
    }
    return comparable;
  }

  #inOrder(): Iterable<number> {
    if (this.#isSorted) return this.#writes.keys();
    const orders = this.#orders;
    return Uint32Array.from(orders.keys()).toSorted((a, b) => (orders[a] as number) - (orders[b] as number));
  }

  #stream(account: number, source: string): number {
    const key = source === '' ? account : `${account} ${source}`;
    const known = this.#streamOf.get(key);
    if (known !== undefined) return known;
    this.#streamOf.set(key, this.#streamOf.size);
    return this.#streamOf.size - 1;
  }
}
