/**
 * Pearson's χ² of counts against exact probabilities, as a standard normal deviate (E. B. Wilson and M. M. Hilferty, "The
 * distribution of chi-square", PNAS 17, 1931). Neighbouring bins are pooled until each expects 10 events or more.
 */
export function chiSquareDeviate(counts: readonly number[], probabilities: readonly number[]): number {
  const draws = counts.reduce((sum, count) => sum + count, 0);
  const bins: { seen: number; expected: number }[] = [];
  let [seen, expected] = [0, 0];
  for (const [index, count] of counts.entries()) {
    seen += count;
    expected += draws * (probabilities[index] ?? 0);
    if (expected < 10) continue;
    bins.push({ seen, expected });
    [seen, expected] = [0, 0];
  }
  const last = bins.at(-1);
  if (last === undefined || bins.length < 2) throw new Error('too few draws for two bins');
  last.seen += seen;
  last.expected += expected;
  const chiSquare = bins.reduce((sum, bin) => sum + (bin.seen - bin.expected) ** 2 / bin.expected, 0);
  const spread = 2 / (9 * (bins.length - 1));
  return (Math.cbrt(chiSquare / (bins.length - 1)) - (1 - spread)) / Math.sqrt(spread);
}
