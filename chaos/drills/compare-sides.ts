import { createHash } from 'node:crypto';
import type { Differing, SidesCompared } from './migration.ts';

/** One row of a side, in the order in which it was stored there. */
export interface SideRow {
  readonly id: string;
  /** What order is kept in; undefined: in nothing. */
  readonly key: string | undefined;
  readonly origin: string;
  /** Hash of what must be the same on both sides. */
  readonly hash: string;
}

/** First ids that are named. */
const NAMED = 50;

/** SHA-256 of the fields' canonical text, shortened: equal rows have equal hashes, in whatever language they are stored. */
export function rowHash(fields: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(fields)).digest('base64url').slice(0, 16);
}

export interface SidesDifference {
  readonly missing: ReadonlySet<string>;
  readonly extra: ReadonlySet<string>;
  readonly mismatched: ReadonlySet<string>;
  readonly duplicated: ReadonlySet<string>;
  readonly reordered: ReadonlySet<string>;
}

/**
 * Both sides row by row: by id, by hash, and by the order of the rows of one key and origin that both have. Linear in the number of
 * rows. `forward`: what the target alone has is its own.
 */
export function compareSides(
  source: readonly SideRow[],
  target: readonly SideRow[],
  direction: 'both' | 'forward',
): SidesDifference {
  const duplicated = new Set<string>();
  const [there, here] = [source, target].map((rows) => {
    const byId = new Map<string, SideRow>();
    for (const row of rows) {
      if (byId.has(row.id)) duplicated.add(row.id);
      else byId.set(row.id, row);
    }
    return byId;
  }) as [Map<string, SideRow>, Map<string, SideRow>];
  const missing = new Set<string>();
  const mismatched = new Set<string>();
  for (const [id, { hash }] of there) {
    const other = here.get(id);
    if (other === undefined) missing.add(id);
    else if (other.hash !== hash) mismatched.add(id);
  }
  const extra = new Set(direction === 'forward' ? [] : [...here.keys()].filter((id) => !there.has(id)));
  return { missing, extra, mismatched, duplicated, reordered: outOfOrder(there, here) };
}

/**
 * Rows of one key and origin that stand on the target before one that they stand behind on the source. A row that has another
 * origin on each side was written to both, and came by no stream: its order is nobody's promise.
 */
function outOfOrder(source: ReadonlyMap<string, SideRow>, target: ReadonlyMap<string, SideRow>): Set<string> {
  const placeOf = new Map<string, number>();
  let next = 0;
  for (const id of source.keys()) placeOf.set(id, (next += 1));
  const reordered = new Set<string>();
  const last = new Map<string, { readonly place: number; readonly id: string }>();
  for (const { id, key, origin } of target.values()) {
    const place = placeOf.get(id);
    if (key === undefined || place === undefined || source.get(id)?.origin !== origin) continue;
    const group = `${origin}\n${key}`;
    const before = last.get(group);
    if (before !== undefined && place < before.place) reordered.add(before.id);
    if (before === undefined || place > before.place) last.set(group, { place, id });
  }
  return reordered;
}

/** What both readings show: a row that was on its way at the first is not missing. */
export function persistent(first: SidesDifference, second: SidesDifference): SidesDifference {
  return {
    missing: inBoth(first.missing, second.missing),
    extra: inBoth(first.extra, second.extra),
    // These do not mend themselves.
    mismatched: second.mismatched,
    duplicated: second.duplicated,
    reordered: second.reordered,
  };
}

function inBoth(first: ReadonlySet<string>, second: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...second].filter((id) => first.has(id)));
}

export function isClean({ missing, extra, mismatched, duplicated, reordered }: SidesDifference): boolean {
  return missing.size + extra.size + mismatched.size + duplicated.size + reordered.size === 0;
}

/** Over all ids and hashes of the rows that `among` names, in order of their ids. */
export function hashOfRows(rows: readonly SideRow[], among: ReadonlySet<string>): string {
  const hash = createHash('sha256');
  const lines = rows.filter(({ id }) => among.has(id)).map((row) => `${row.id} ${row.hash}\n`);
  for (const line of lines.toSorted()) hash.update(line);
  return hash.digest('hex').slice(0, 16);
}

export function asCompared(
  step: string,
  { source, target }: { readonly source: readonly SideRow[]; readonly target: readonly SideRow[] },
  { missing, extra, mismatched, duplicated, reordered }: SidesDifference,
  hash: string,
): SidesCompared {
  return {
    step,
    sourceRows: source.length,
    targetRows: target.length,
    missing: named(missing),
    extra: named(extra),
    mismatched: named(mismatched),
    duplicated: named(duplicated),
    reordered: named(reordered),
    hash,
  };
}

function named(ids: ReadonlySet<string>): Differing {
  return { count: ids.size, ids: [...ids].slice(0, NAMED) };
}
