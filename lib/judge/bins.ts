/** Something seen in the second that begins at `t`. */
interface Timed {
  readonly t: number;
}

/**
 * Puts seconds together in bins of equal width: at least `leastSeconds`, and as wide as it takes for at most `mostBins`
 * of them. A bin of which less than half was seen (at the end, or in a gap) is left out.
 */
export function binned<Item extends Timed>(
  items: readonly Item[],
  { leastSeconds, mostBins }: { readonly leastSeconds: number; readonly mostBins: number },
): readonly (readonly Item[])[] {
  const first = items.reduce((least, { t }) => Math.min(least, t), Number.POSITIVE_INFINITY);
  const last = items.reduce((most, { t }) => Math.max(most, t), Number.NEGATIVE_INFINITY);
  const width = Math.max(leastSeconds, Math.ceil((last - first + 1) / mostBins));
  const bins = Map.groupBy(items, ({ t }) => Math.floor((t - first) / width));
  return [...bins].toSorted(([a], [b]) => a - b).flatMap(([, bin]) => (bin.length * 2 < width ? [] : [bin]));
}
