/** RFC 9113, 6. */
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
  /** RFC 9218, 7.1. */
  priorityUpdate: 16,
} as const;

export const FLAG = { endStream: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** RFC 9113, 7. */
export const ERROR = {
  none: 0,
  protocol: 1,
  internal: 2,
  frameSize: 6,
  refusedStream: 7,
  cancel: 8,
  compression: 9,
  enhanceYourCalm: 11,
} as const;

export const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
export const MAX_STREAM_ID = 0x7fff_ffff;
const HEADER_BYTES = 9;
/** Every peer takes frames of this size, however small it wants them otherwise. */
const MAX_FRAME_BYTES = 16_384;

/** One whole frame; `bytes` are its own, with the header of nine bytes. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly bytes: Buffer;
}

/** Splits what a connection brings into frames. */
export function frameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let have = 0;
  /** How many bytes it takes until there is something to look at. */
  let need = HEADER_BYTES;
  return (chunk) => {
    have += chunk.length;
    if (have < need) {
      parts.push(chunk);
      return;
    }
    const bytes = parts.length === 0 ? chunk : Buffer.concat([...parts, chunk]);
    let at = 0;
    need = HEADER_BYTES;
    while (bytes.length - at >= HEADER_BYTES) {
      const size = HEADER_BYTES + bytes.readUIntBE(at, 3);
      if (bytes.length - at < size) {
        need = size;
        break;
      }
      onFrame({
        type: bytes[at + 3] ?? 0,
        flags: bytes[at + 4] ?? 0,
        streamId: bytes.readUInt32BE(at + 5) & MAX_STREAM_ID,
        bytes: bytes.subarray(at, at + size),
      });
      at += size;
    }
    const rest = bytes.subarray(at);
    have = rest.length;
    parts = have > 0 ? [rest] : [];
  };
}

/** What a frame says, behind its header. */
export function payloadOf({ bytes }: Frame): Buffer {
  return bytes.subarray(HEADER_BYTES);
}

/** The payload of DATA or HEADERS without padding and priority; undefined when the lengths do not fit. */
export function unpaddedPayload(frame: Frame): Buffer | undefined {
  const payload = payloadOf(frame);
  const padded = (frame.flags & FLAG.padded) !== 0;
  const start = (padded ? 1 : 0) + (frame.type === FRAME.headers && (frame.flags & FLAG.priority) !== 0 ? 5 : 0);
  const end = payload.length - (padded ? (payload[0] ?? 0) : 0);
  return start > end ? undefined : payload.subarray(start, end);
}

/** The frame's own bytes, changed to speak of another stream. */
export function onStream({ bytes }: Frame, streamId: number): Buffer {
  bytes.writeUInt32BE(streamId, 5);
  return bytes;
}

/** A whole DATA frame in two, the first of which carries `length` bytes; undefined where that cannot be. */
export function splitData(bytes: Buffer, length: number): [Buffer, Buffer] | undefined {
  const flags = bytes[4] ?? 0;
  if (length <= 0 || (flags & FLAG.padded) !== 0) return undefined;
  const streamId = bytes.readUInt32BE(5);
  const first = newFrame(FRAME.data, streamId, length);
  bytes.copy(first, HEADER_BYTES, HEADER_BYTES, HEADER_BYTES + length);
  const rest = newFrame(FRAME.data, streamId, bytes.length - HEADER_BYTES - length);
  rest[4] = flags;
  bytes.copy(rest, HEADER_BYTES, HEADER_BYTES + length);
  return [first, rest];
}

/** HEADERS, and CONTINUATION for what is too long for one frame. */
export function headersFrames(streamId: number, endStream: boolean, pieces: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const count = Math.max(1, Math.ceil(length / MAX_FRAME_BYTES));
  const out = Buffer.allocUnsafe(length + count * HEADER_BYTES);
  if (count === 1) {
    writeHeader(out, 0, FRAME.headers, FLAG.endHeaders | (endStream ? FLAG.endStream : 0), streamId, length);
    fill(out, HEADER_BYTES, pieces);
    return out;
  }
  const block = Buffer.allocUnsafe(length);
  fill(block, 0, pieces);
  for (let index = 0; index < count; index += 1) {
    const part = block.subarray(index * MAX_FRAME_BYTES, (index + 1) * MAX_FRAME_BYTES);
    const at = index * (MAX_FRAME_BYTES + HEADER_BYTES);
    const flags = (index === 0 && endStream ? FLAG.endStream : 0) | (index === count - 1 ? FLAG.endHeaders : 0);
    writeHeader(out, at, index === 0 ? FRAME.headers : FRAME.continuation, flags, streamId, part.length);
    out.set(part, at + HEADER_BYTES);
  }
  return out;
}

function fill(out: Buffer, offset: number, pieces: readonly Uint8Array[]): void {
  let at = offset;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
}

export function rstStream(streamId: number, code: number): Buffer {
  const out = newFrame(FRAME.rstStream, streamId, 4);
  out.writeUInt32BE(code, HEADER_BYTES);
  return out;
}

export function windowUpdate(streamId: number, bytes: number): Buffer {
  const out = newFrame(FRAME.windowUpdate, streamId, 4);
  out.writeUInt32BE(bytes, HEADER_BYTES);
  return out;
}

export function goAway(lastStreamId: number, code: number): Buffer {
  const out = newFrame(FRAME.goAway, 0, 8);
  out.writeUInt32BE(lastStreamId, HEADER_BYTES);
  out.writeUInt32BE(code, HEADER_BYTES + 4);
  return out;
}

function newFrame(type: number, streamId: number, length: number): Buffer {
  const out = Buffer.allocUnsafe(HEADER_BYTES + length);
  writeHeader(out, 0, type, 0, streamId, length);
  return out;
}

function writeHeader(out: Buffer, at: number, type: number, flags: number, streamId: number, length: number): void {
  out.writeUIntBE(length, at, 3);
  out[at + 3] = type;
  out[at + 4] = flags;
  out.writeUInt32BE(streamId, at + 5);
}
