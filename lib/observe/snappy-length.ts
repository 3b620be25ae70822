/**
 * The length of what a snappy block holds, after a walk over its elements; undefined when they are cut short, reach back
 * behind the start, or do not add up to the length in the header. snappyjs takes an element's length as it stands, up to
 * 4 GiB, and copies byte by byte: a bad block would keep it busy for minutes. Format: google/snappy, format_description.txt.
 */
export function snappyLength(block: Uint8Array): number | undefined {
  const header = readHeader(block);
  if (header === undefined) return undefined;
  let { at } = header;
  let produced = 0;
  while (at < block.length) {
    const tag = block[at] ?? 0;
    at += 1;
    if ((tag & 3) === 0) {
      const short = tag >>> 2;
      const lengthBytes = Math.max(0, short - 59);
      const length = (lengthBytes === 0 ? short : little(block, at, lengthBytes)) + 1;
      at += lengthBytes + length;
      produced += length;
    } else {
      const offsetBytes = [1, 2, 4][(tag & 3) - 1] ?? 4;
      const low = little(block, at, offsetBytes);
      const offset = offsetBytes === 1 ? (tag >>> 5) * 256 + low : low;
      if (offset === 0 || offset > produced) return undefined;
      at += offsetBytes;
      produced += offsetBytes === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    }
    if (at > block.length || produced > header.length) return undefined;
  }
  return produced === header.length ? produced : undefined;
}

/** The header is a varint of at most 32 bits. */
function readHeader(block: Uint8Array): { readonly length: number; readonly at: number } | undefined {
  let length = 0;
  for (let at = 0; at < Math.min(5, block.length); at += 1) {
    const byte = block[at] ?? 0;
    length += (byte & 127) * 2 ** (7 * at);
    if (byte < 128) return { length, at: at + 1 };
  }
  return undefined;
}

function little(block: Uint8Array, at: number, bytes: number): number {
  let value = 0;
  for (let index = 0; index < bytes; index += 1) value += (block[at + index] ?? 0) * 256 ** index;
  return value;
}
