/**
 * The value of a string field of a protobuf message's top level; the last one where there are several, as parsers take it.
 * Undefined: not there, empty, or the message is no protobuf (encoding: https://protobuf.dev/programming-guides/encoding/).
 */
export function readStringField(message: Uint8Array, field: number): string | undefined {
  let found: string | undefined;
  let offset = 0;
  /** Returns NaN past the end; numbers beyond 2^53 lose bits, which no tag or length has. */
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = message[offset];
      if (byte === undefined) return Number.NaN;
      offset += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  while (offset < message.length) {
    const tag = varint();
    const wireType = tag % 8;
    if (wireType === 0) {
      if (Number.isNaN(varint())) return undefined;
    } else if (wireType === 1) offset += 8;
    else if (wireType === 5) offset += 4;
    else if (wireType === 2) {
      const length = varint();
      const end = offset + length;
      if (Number.isNaN(end) || end > message.length) return undefined;
      if ((tag - wireType) / 8 === field) found = textOf(message.subarray(offset, end));
      offset = end;
    } else return undefined;
  }
  return offset > message.length || found === '' ? undefined : found;
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
