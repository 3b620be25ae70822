import { prefixed } from './decoder.ts';
import { STATIC_TABLE } from './static-table.ts';

/** "The dynamic table is empty from now on" (RFC 7541, 6.3): nothing that is said later depends on what was said before. */
export const NO_TABLE: Uint8Array = Uint8Array.of(0x20);

/** Fields as literals that are not indexed. Names have to be in lower case; texts are latin1. */
export function encodeFields(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([name, value]) => {
      const exact = STATIC_TABLE.findIndex(([knownName, known]) => knownName === name && known === value);
      if (exact > 0) return [prefixed(0x80, 7, exact)];
      const index = STATIC_TABLE.findIndex(([known]) => known === name);
      return [...(index > 0 ? [prefixed(0, 4, index)] : [Uint8Array.of(0), ...stringOf(name)]), ...stringOf(value)];
    }),
  );
}

function stringOf(text: string): Uint8Array[] {
  const bytes = Buffer.from(text, 'latin1');
  return [prefixed(0, 7, bytes.length), bytes];
}
