import type { Framing } from './framing.ts';

const LF = 10;
const CR = 13;
/** Of a chunk's size line with extensions, and of a trailer line. */
const MAX_LINE_BYTES = 64 * 1024;

type State = 'counted' | 'size' | 'data' | 'data-end' | 'trailers' | 'until-close' | 'done' | 'bad';

/** Follows a body to its end, over bytes that are passed on as they are. */
export interface BodyReader {
  /** How many of the bytes from `offset` on belong to the body. */
  take(bytes: Buffer, offset: number): number;
  readonly done: () => boolean;
  /** The end will never be found: it is not what it said it was. */
  readonly bad: () => boolean;
}

export function bodyReader(framing: Framing): BodyReader {
  let state: State = STATE_OF[framing.type];
  /** Bytes of the body, of the chunk, or of what ends it. */
  let left = framing.type === 'length' ? framing.bytes : 0;
  /** Of the line that is being read. */
  let line = '';

  const takeLine = (bytes: Buffer, offset: number): number => {
    const lf = bytes.indexOf(LF, offset);
    const end = lf === -1 ? bytes.length : lf + 1;
    line += bytes.toString('latin1', offset, end);
    if (line.length > MAX_LINE_BYTES) state = 'bad';
    else if (lf !== -1) {
      endLine(line.trimEnd());
      line = '';
    }
    return end - offset;
  };
  const endLine = (text: string): void => {
    if (state === 'trailers') {
      if (text === '') state = 'done';
      return;
    }
    const size = /^([0-9a-f]{1,12})\s*(?:;|$)/i.exec(text)?.[1];
    if (size === undefined) state = 'bad';
    else {
      left = Number.parseInt(size, 16);
      state = left === 0 ? 'trailers' : 'data';
    }
  };
  const takeCounted = (bytes: Buffer, offset: number): number => {
    const count = Math.min(left, bytes.length - offset);
    left -= count;
    if (left === 0) state = state === 'data' ? 'data-end' : 'done';
    return count;
  };
  const takeDataEnd = (bytes: Buffer, offset: number): number => {
    if (bytes[offset] === CR) return 1;
    state = bytes[offset] === LF ? 'size' : 'bad';
    return state === 'size' ? 1 : 0;
  };
  const step = (bytes: Buffer, offset: number): number => {
    switch (state) {
      case 'counted':
      case 'data':
        return takeCounted(bytes, offset);
      case 'data-end':
        return takeDataEnd(bytes, offset);
      case 'size':
      case 'trailers':
        return takeLine(bytes, offset);
      case 'until-close':
        return bytes.length - offset;
      case 'done':
      case 'bad':
        return 0;
      default:
        return state satisfies never;
    }
  };
  const over = (): boolean => state === 'done' || state === 'bad';
  return {
    take(bytes, offset) {
      let at = offset;
      while (at < bytes.length && !over()) at += step(bytes, at);
      return at - offset;
    },
    done: () => state === 'done',
    bad: () => state === 'bad',
  };
}

const STATE_OF: Readonly<Record<Framing['type'], State>> = {
  none: 'done',
  length: 'counted',
  chunked: 'size',
  'until-close': 'until-close',
  bad: 'bad',
};
