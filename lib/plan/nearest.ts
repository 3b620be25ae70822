import { distance } from 'fastest-levenshtein';

/** The known name most like `name`, if it is near enough to be a typing error: up to a third of its letters differ. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < bestDistance) [best, bestDistance] = [candidate, edits];
  }
  return best;
}

/** 'did you mean "x"?', else the known names, else nothing. */
export function suggest(name: string, known: readonly string[]): string | undefined {
  const near = nearest(name, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length === 0 ? undefined : `known: ${known.join(', ')}`;
}
