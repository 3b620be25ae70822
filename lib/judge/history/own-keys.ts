import type { WriteBook } from './write-book.ts';

/** How many iterations of one virtual user may have gone unrecorded when a load generator dies. */
const LOST_ITERATIONS = 50;
/** Bound of the keys that are thought up. */
const MOST_CANDIDATES = 200_000;

/**
 * Keys that the support library's `writeKey` has made in this run: "<kind>-<run>-<virtual user>-<iteration>". Where the load
 * generator died, the last records may have died with it; but it is known which keys they can have had.
 */
export class OwnKeys {
  readonly #book: WriteBook;
  readonly #pattern: RegExp;
  readonly #runId: string;
  #recorded: { readonly last: ReadonlyMap<number, number>; readonly candidates: ReadonlySet<string> } | undefined;

  constructor(book: WriteBook, runId: string) {
    this.#book = book;
    this.#runId = runId;
    const escaped = runId.replaceAll(/[^\w-]/g, String.raw`\$&`);
    this.#pattern = new RegExp(String.raw`^(.+)-${escaped}-(\d+)-(\d+)(?:-\d+)?$`);
  }

  isOwn(key: string): boolean {
    return this.#pattern.test(key);
  }

  /** Whether a row may be of a write that was attempted after the last one of its virtual user that is recorded, also in the same iteration. */
  mayBeUnrecorded(id: string): boolean {
    this.#recorded ??= this.#readBook();
    const match = this.#pattern.exec(id);
    if (match === null) return this.#recorded.candidates.has(id);
    return Number(match[3]) >= (this.#recorded.last.get(Number(match[2])) ?? -1);
  }

  /** The last recorded iteration of each virtual user, and the ids of what it can have written in those after it. */
  #readBook() {
    const last = new Map<number, number>();
    const kinds = new Set<string>();
    for (let write = 0; write < this.#book.size; write += 1) {
      const match = this.#pattern.exec(this.#book.keyOf(write));
      if (match === null) continue;
      const [vu, iteration] = [Number(match[2]), Number(match[3])];
      last.set(vu, Math.max(last.get(vu) ?? -1, iteration));
      kinds.add(match[1] as string);
    }
    const candidates = new Set<string>();
    for (const [vu, iteration] of last) {
      for (let next = iteration; next <= iteration + LOST_ITERATIONS; next += 1) {
        if (candidates.size > MOST_CANDIDATES) break;
        for (const kind of kinds) {
          for (const id of this.#book.idsOf(`${kind}-${this.#runId}-${vu}-${next}`)) candidates.add(id);
        }
      }
    }
    return { last, candidates };
  }
}
