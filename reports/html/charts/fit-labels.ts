/**
 * Names in an SVG that takes whatever width there is: laid out once for each of these widths of the plot (CSS pixels), shown
 * from that width up to the next one, as drills.css says. So none is written over another, without a script.
 */
export const WIDTHS = { small: 220, medium: 560, large: 920 } as const;

export type Size = keyof typeof WIDTHS;

export const SIZES = Object.keys(WIDTHS) as readonly Size[];

/** A name beside a line: `at` is the line's place, 0–1. */
export interface LineLabel {
  readonly text: string;
  readonly at: number;
}

export interface PlacedLabel extends LineLabel {
  /** 0 is the row next to the plot. */
  readonly row: number;
  /** Whether the text begins or ends at its line. */
  readonly anchor: 'start' | 'end';
}

/** Between a line and its name, and between two names: CSS pixels. */
export const BESIDE = 3;
const BETWEEN = 8;

/** An upper bound for ordinary text at the charts' 11 px: CSS pixels. */
export function textWidth(text: string): number {
  return text.length * 7;
}

/**
 * As many names as there is room for in so many rows above a plot. Names that are seen once come first: of twenty probes some
 * may go without their name, but not what opened the breaker. A line goes up to its name's row and crosses no other name.
 */
export function placeLabels(labels: readonly LineLabel[], size: Size, rows: number): PlacedLabel[] {
  const upwards = Array.from({ length: rows }, (_, row) => row);
  const low = placeFrom(labels, size, upwards, upwards);
  // A long name next to the plot is in the way of all lines below it; in the top row there is room under it.
  const high = placeFrom(labels, size, upwards.toReversed(), upwards);
  return high.length > low.length ? high : low;
}

/** Tries the rows in these orders: for names that are seen once, and for the others. */
function placeFrom(
  labels: readonly LineLabel[],
  size: Size,
  rowsOfUnique: readonly number[],
  rowsOfOthers: readonly number[],
): PlacedLabel[] {
  const plot = WIDTHS[size];
  const seen = new Map<string, number>();
  for (const { text } of labels) seen.set(text, (seen.get(text) ?? 0) + 1);
  const isUnique = ({ text }: LineLabel) => seen.get(text) === 1;
  // From right to left: a name that is in the way is then one to the right, and the row above is free of its line.
  const order = labels.toSorted((a, b) => Number(isUnique(b)) - Number(isUnique(a)) || b.at - a.at);
  const placed: (PlacedLabel & Extent)[] = [];
  for (const label of order) {
    const line = label.at * plot;
    const width = textWidth(label.text);
    const anchor = line + BESIDE + width <= plot ? 'start' : 'end';
    const left = anchor === 'start' ? line + BESIDE : line - BESIDE - width;
    if (left < 0) continue;
    const extent = { line, left, right: left + width };
    const row = (isUnique(label) ? rowsOfUnique : rowsOfOthers).find((candidate) =>
      placed.every((other) => !collides({ ...extent, row: candidate }, other)),
    );
    if (row !== undefined) placed.push({ ...label, ...extent, row, anchor });
  }
  return placed.map(({ text, at, row, anchor }) => ({ text, at, row, anchor })).toSorted((a, b) => a.at - b.at);
}

interface Extent {
  readonly line: number;
  readonly left: number;
  readonly right: number;
}

type InRow = Extent & { readonly row: number };

function collides(a: InRow, b: InRow): boolean {
  if (a.row === b.row) return a.left < b.right + BETWEEN && b.left < a.right + BETWEEN;
  const [lower, upper] = a.row < b.row ? [a, b] : [b, a];
  return upper.line > lower.left - BESIDE && upper.line < lower.right + BESIDE;
}
