import { seededFraction } from '../../chaos/seeded.ts';

/** What is measured next: a rung of a track's ladder. */
export interface CellRequest {
  /** Index of the track. */
  readonly track: number;
  /** Index of the intensity, 0 the mildest. */
  readonly level: number;
  readonly purpose: 'bisect' | 'boundary' | 'rest';
}

/** `failed`: it could not be run at all, and no other rung of the track is tried. */
export type CellOutcome = 'holds' | 'breaks' | 'no-effect' | 'inconclusive' | 'failed';

/** As much as the order needs to know of a track. */
export interface Ladder {
  readonly edge: string;
  readonly kind: string;
  readonly levels: number;
}

type Order = Generator<CellRequest, void, CellOutcome>;

/**
 * In which order the cells are measured. First each track's boundary, by bisection: between the severest rung that does not
 * break and the mildest that does. A rung without an answer is passed by. Then the unmeasured rungs next to each boundary,
 * then the rest, from the boundaries outwards, the severer of two first. Rounds: each track that has something to ask gets
 * one cell in each, so that a time limit cuts all evenly. Kinds keep their order, and edges take turns by the seed in being
 * the first of a kind.
 *
 * Pure: yields what is to be measured, takes the answer. No cell twice.
 */
export function* order(ladders: readonly Ladder[], seed: number): Order {
  const searches = turns(ladders, seed).map((track) => new Bisection(track, ladders[track]?.levels ?? 0));
  yield* rounds(searches, 'bisect', (search) => search.middle());
  yield* rounds(searches, 'boundary', (search) => search.nearest(1));
  yield* rounds(searches, 'rest', (search) => search.nearest(Number.POSITIVE_INFINITY));
}

/** How many cells the boundary of a ladder takes at most, if each has an answer. */
export function mostCells(levels: number): number {
  return Math.floor(Math.log2(levels)) + 1;
}

function* rounds(
  searches: readonly Bisection[],
  purpose: CellRequest['purpose'],
  next: (search: Bisection) => number | undefined,
): Order {
  for (let asked = true; asked;) {
    asked = false;
    for (const search of searches) {
      const level = next(search);
      if (level === undefined) continue;
      asked = true;
      search.record(level, yield { track: search.track, level, purpose });
    }
  }
}

/** The tracks in the order in which they take turns. */
function turns(ladders: readonly Ladder[], seed: number): readonly number[] {
  const kinds = [...new Set(ladders.map(({ kind }) => kind))];
  const place = ({ kind, edge }: Ladder) => kinds.indexOf(kind) + seededFraction(seed, `${kind} ${edge}`);
  return ladders
    .map((ladder, track) => ({ track, at: place(ladder) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ track }) => track);
}

/** The search on one ladder. */
class Bisection {
  readonly track: number;
  readonly #levels: number;
  readonly #outcomes = new Map<number, CellOutcome>();

  constructor(track: number, levels: number) {
    this.track = track;
    this.#levels = levels;
  }

  record(level: number, outcome: CellOutcome): void {
    this.#outcomes.set(level, outcome);
  }

  /** The unmeasured rung nearest to the middle between what holds and what breaks, the milder of two. */
  middle(): number | undefined {
    const { low, high } = this.#boundary();
    const middle = Math.floor((low + high) / 2);
    return this.#nearestTo((level) => Math.abs(level - middle), low + 1, high - 1);
  }

  /** The unmeasured rung nearest to the boundary, at most so many rungs away from it, the severer of two. */
  nearest(within: number): number | undefined {
    const { low, high } = this.#boundary();
    // Below 0: in between, where an answer that contradicts the ones before has moved the boundary.
    const distance = (level: number) => (level >= high ? level - high : low - level + 0.5);
    const level = this.#nearestTo(distance, 0, this.#levels - 1);
    return level !== undefined && distance(level) < within + 1 ? level : undefined;
  }

  /** The mildest rung that breaks, and the severest below it that does not; the ladder's length and -1 where there is none. */
  #boundary(): { readonly low: number; readonly high: number } {
    const levels = [...this.#outcomes];
    const high = Math.min(this.#levels, ...levels.flatMap(([level, outcome]) => (outcome === 'breaks' ? [level] : [])));
    const below = levels.flatMap(([level, outcome]) => (level < high && isUnbroken(outcome) ? [level] : []));
    return { low: Math.max(-1, ...below), high };
  }

  /** What could not be run at all is not tried again; and what has no effect at its severest has none when it is milder. */
  #isOver(): boolean {
    const outcomes = [...this.#outcomes.values()];
    return outcomes.includes('failed') || this.#outcomes.get(this.#levels - 1) === 'no-effect';
  }

  #nearestTo(distance: (level: number) => number, from: number, to: number): number | undefined {
    if (this.#isOver()) return undefined;
    let best: number | undefined;
    for (let level = from; level <= to; level += 1) {
      if (this.#outcomes.has(level)) continue;
      if (best === undefined || distance(level) < distance(best)) best = level;
    }
    return best;
  }
}

function isUnbroken(outcome: CellOutcome): boolean {
  return outcome === 'holds' || outcome === 'no-effect';
}
