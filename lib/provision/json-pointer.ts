/** The value that an RFC 6901 pointer ("/capabilities/pricing/share") names in parsed JSON; undefined: there is none. */
export function readPointer(document: unknown, pointer: string): unknown {
  let value = document;
  for (const token of pointer.split('/').slice(1)) {
    // ~1 first would turn "~01" into "/" instead of "~1".
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
