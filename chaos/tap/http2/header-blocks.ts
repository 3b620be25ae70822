import { HpackError, type HeaderField, hpackDecoder } from '../hpack/decoder.ts';
import { NO_TABLE } from '../hpack/encoder.ts';
import { ERROR, FLAG, FRAME, type Frame, headersFrames, payloadOf, unpaddedPayload } from './frames.ts';

/** The bytes of one coded header block; more is not a header list that anyone takes. */
const MAX_BLOCK_BYTES = 2 * 1024 * 1024;

export interface HeaderBlock {
  readonly streamId: number;
  readonly endStream: boolean;
  readonly fields: readonly HeaderField[];
}

/** The connection cannot be followed any further; `code` of HTTP/2. */
export class ConnectionError extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`HTTP/2 connection error ${code}`);
    this.code = code;
  }
}

/**
 * Header blocks of one direction. Each is decoded, and coded anew so that it depends on no other: a block can be left out
 * without the ones behind it losing their meaning.
 */
export interface HeaderBlocks {
  /**
   * Takes every frame of the direction: the block that ends with this one (also that of a PUSH_PROMISE), or undefined.
   * Throws ConnectionError.
   */
  take(frame: Frame): HeaderBlock | undefined;
  frames(streamId: number, endStream: boolean, wires: readonly Uint8Array[]): Buffer;
}

export function headerBlocks(): HeaderBlocks {
  const decoder = hpackDecoder();
  let open: { readonly first: Frame; readonly parts: Buffer[]; bytes: number } | undefined;
  let tableEmptied = false;

  const add = (part: Buffer, flags: number): HeaderBlock | undefined => {
    if (open === undefined) throw new ConnectionError(ERROR.protocol);
    open.parts.push(part);
    open.bytes += part.length;
    if (open.bytes > MAX_BLOCK_BYTES) throw new ConnectionError(ERROR.enhanceYourCalm);
    if ((flags & FLAG.endHeaders) === 0) return undefined;
    const { first, parts } = open;
    open = undefined;
    const fields = decode(parts.length === 1 ? part : Buffer.concat(parts));
    return { streamId: first.streamId, endStream: (first.flags & FLAG.endStream) !== 0, fields };
  };
  const decode = (block: Buffer): HeaderField[] => {
    try {
      return decoder.decode(block);
    } catch (error) {
      if (!(error instanceof HpackError)) throw error;
      throw new ConnectionError(error.reason === 'too-large' ? ERROR.enhanceYourCalm : ERROR.compression);
    }
  };

  return {
    take(frame) {
      const { type, flags } = frame;
      // Nothing may come between the frames of a block.
      if ((open !== undefined) !== (type === FRAME.continuation)) throw new ConnectionError(ERROR.protocol);
      if (type === FRAME.continuation) {
        if (frame.streamId !== open?.first.streamId) throw new ConnectionError(ERROR.protocol);
        return add(payloadOf(frame), flags);
      }
      if (type !== FRAME.headers && type !== FRAME.pushPromise) return undefined;
      const payload = unpaddedPayload(frame);
      // A promise begins with the stream that it promises.
      const skipped = type === FRAME.pushPromise ? 4 : 0;
      if (payload === undefined || payload.length < skipped) throw new ConnectionError(ERROR.frameSize);
      open = { first: frame, parts: [], bytes: 0 };
      return add(payload.subarray(skipped), flags);
    },
    frames(streamId, endStream, wires) {
      const pieces = tableEmptied ? wires : [NO_TABLE, ...wires];
      tableEmptied = true;
      return headersFrames(streamId, endStream, pieces);
    },
  };
}
