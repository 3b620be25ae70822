import { type SweptKind, type SweptKindName, kindOf } from './kinds.ts';

/** One rung of a ladder. */
export interface Intensity {
  /** As people write it, "200ms"; empty for a kind that has one intensity only. */
  readonly text: string;
  readonly value: number;
  /**
   * How severe it is, 0–1, so that kinds can be set side by side: where it lies between the mildest and the severest of the
   * built-in ladder, on a logarithmic scale; 1 for what has one intensity only.
   */
  readonly strength: number;
}

/** What `text` means to the kind; undefined: nothing. */
export function intensityOf(name: SweptKindName, text: string): Intensity | undefined {
  const kind = kindOf(name);
  if (kind.quantity === undefined) return text === '' ? { text, value: 1, strength: 1 } : undefined;
  const value = kind.quantity.parse(text.trim());
  const { least = 0, most = Number.POSITIVE_INFINITY } = kind;
  if (value === undefined || value < least || value > most) return undefined;
  return { text: kind.quantity.format(value), value, strength: strengthOf(kind, value) };
}

/** The kind's own ladder, mild to severe. */
export function ladderOf(name: SweptKindName): readonly Intensity[] {
  return kindOf(name).ladder.flatMap((text) => intensityOf(name, text) ?? []);
}

/** Mild to severe, whatever order they are given in. */
export function sorted(name: SweptKindName, intensities: readonly Intensity[]): readonly Intensity[] {
  const [mildest, severest] = endsOf(kindOf(name));
  return intensities.toSorted((a, b) => (severest >= mildest ? a.value - b.value : b.value - a.value));
}

function strengthOf(kind: SweptKind, value: number): number {
  const [mildest, severest] = endsOf(kind);
  if (mildest === severest) return 1;
  const share = Math.log(value / mildest) / Math.log(severest / mildest);
  return Number(Math.min(1, Math.max(0, share)).toFixed(3));
}

function endsOf({ ladder, quantity }: SweptKind): readonly [mildest: number, severest: number] {
  const values = ladder.map((text) => quantity?.parse(text) ?? 1);
  return [values[0] ?? 1, values.at(-1) ?? 1];
}
