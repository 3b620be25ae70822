import { decodeHuffman } from './huffman.ts';
import { STATIC_TABLE } from './static-table.ts';

export interface HeaderField {
  readonly name: string;
  /** As latin1 text: one character a byte. */
  readonly value: string;
  /** The field as it can be said without any dynamic table: an index of the static one, or a literal that is not indexed. */
  readonly wire: Uint8Array;
}

/** An entry of the dynamic table; `nameWire`: the beginning of a literal with its name. */
interface Entry extends HeaderField {
  readonly nameWire: Uint8Array;
}

/** A header block that cannot be decoded: `compression`, nothing after it can be either. */
export class HpackError extends Error {
  readonly reason: 'compression' | 'too-large';

  constructor(reason: HpackError['reason']) {
    super(reason);
    this.reason = reason;
  }
}

const DEFAULT_TABLE_BYTES = 4096;
const MAX_TABLE_BYTES = 16 * 1024 * 1024;
const ENTRY_OVERHEAD_BYTES = 32;
/** What one block may grow to when it is decoded: few bytes can stand for many. */
const MAX_LIST_BYTES = 4 * 1024 * 1024;

const STATIC_ENTRIES: readonly Entry[] = STATIC_TABLE.map(([name, value], index) => ({
  name,
  value,
  wire: Uint8Array.of(0x80 | index),
  nameWire: prefixed(0, 4, index),
}));

export interface HpackDecoder {
  /** Throws HpackError. */
  decode(block: Uint8Array): HeaderField[];
}

/** Decodes the header blocks of one direction of a connection (RFC 7541), which have to come in order and without gaps. */
export function hpackDecoder(): HpackDecoder {
  /** The newest is the last. */
  const table: Entry[] = [];
  let tableBytes = 0;
  let maxTableBytes = DEFAULT_TABLE_BYTES;
  let block: Uint8Array = new Uint8Array();
  let at = 0;

  const evict = (): void => {
    while (tableBytes > maxTableBytes) {
      const oldest = table.shift();
      tableBytes -= oldest === undefined ? tableBytes : sizeOf(oldest);
    }
  };
  const integer = (prefixBits: number): number => {
    const mask = (1 << prefixBits) - 1;
    let value = byte() & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 28; shift += 7) {
      const next = byte();
      value += (next & 0x7f) * 2 ** shift;
      if (next < 0x80) return value;
    }
    throw new HpackError('compression');
  };
  const byte = (): number => {
    const value = block[at];
    if (value === undefined) throw new HpackError('compression');
    at += 1;
    return value;
  };
  const string = (): string => {
    const huffman = ((block[at] ?? 0) & 0x80) !== 0;
    const length = integer(7);
    const end = at + length;
    if (end > block.length) throw new HpackError('compression');
    const bytes = block.subarray(at, end);
    at = end;
    const text = huffman ? decodeHuffman(bytes) : latin1(bytes);
    if (text === undefined) throw new HpackError('compression');
    return text;
  };
  const entryAt = (index: number): Entry => {
    const entry =
      index < STATIC_ENTRIES.length ? STATIC_ENTRIES[index] : table[table.length - 1 - (index - STATIC_ENTRIES.length)];
    if (entry === undefined || index === 0) throw new HpackError('compression');
    return entry;
  };
  /** A literal field; the bytes of its strings stay as they were coded. */
  const literal = (prefixBits: number, neverIndexed: boolean): Entry => {
    const nameIndex = integer(prefixBits);
    let name: string;
    let nameWire: Uint8Array;
    if (nameIndex > 0) ({ name, nameWire } = entryAt(nameIndex));
    else {
      const start = at;
      name = string();
      nameWire = Buffer.concat([Uint8Array.of(0), block.subarray(start, at)]);
    }
    const start = at;
    const value = string();
    const wire = Buffer.allocUnsafe(nameWire.length + at - start);
    wire.set(nameWire);
    wire.set(block.subarray(start, at), nameWire.length);
    if (neverIndexed) wire[0] = (wire[0] ?? 0) | 0x10;
    return { name, value, wire, nameWire };
  };
  const resize = (bytes: number): void => {
    if (bytes > MAX_TABLE_BYTES) throw new HpackError('compression');
    maxTableBytes = bytes;
    evict();
  };
  const field = (): HeaderField | undefined => {
    const first = block[at] ?? 0;
    if (first >= 0x80) return entryAt(integer(7));
    if (first >= 0x40) {
      const entry = literal(6, false);
      table.push(entry);
      tableBytes += sizeOf(entry);
      evict();
      return entry;
    }
    if (first < 0x20) return literal(4, first >= 0x10);
    resize(integer(5));
    return undefined;
  };

  return {
    decode(bytes) {
      block = bytes;
      at = 0;
      const fields: HeaderField[] = [];
      let listBytes = 0;
      while (at < block.length) {
        const next = field();
        if (next === undefined) continue;
        listBytes += sizeOf(next);
        if (listBytes > MAX_LIST_BYTES) throw new HpackError('too-large');
        fields.push(next);
      }
      return fields;
    },
  };
}

function sizeOf({ name, value }: HeaderField): number {
  return name.length + value.length + ENTRY_OVERHEAD_BYTES;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** An integer behind a pattern of the first bits (RFC 7541, 5.1). */
export function prefixed(pattern: number, prefixBits: number, value: number): Uint8Array {
  const mask = (1 << prefixBits) - 1;
  if (value < mask) return Uint8Array.of(pattern | value);
  const bytes = [pattern | mask];
  let rest = value - mask;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}
