/** JSON text that is the same for equal values whatever the order of their keys; `ignore` names keys to leave out at any depth. */
export function canonicalJson(value: unknown, ignore: readonly string[] = []): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner).filter(([key]) => !ignore.includes(key));
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
