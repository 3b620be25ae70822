import { type Frame, payloadOf, splitData } from './frames.ts';

/** RFC 9113, 6.9.2. */
const INITIAL_BYTES = 65_535;

/**
 * The callee's flow-control window for the connection, towards which the tap has to keep books, because a caller's data that
 * is held up is taken off its window at once: else a few requests that wait would hold up all the others. When it goes
 * its way later, the callee's window may be too small for it: then it waits here, and what comes after it too.
 */
export interface CalleeWindow {
  /** Data for the callee, in order. `paid`: the caller has already got its bytes back. */
  data(stream: object, frame: Frame, paid: boolean): void;
  /** What has to come behind the stream's data. */
  behindData(stream: object, bytes: Buffer): void;
  /** The callee gives so many bytes. Returns how many of them the caller may have. */
  give(bytes: number): number;
  /** Forgets what waits of a stream. Returns how many bytes the caller has to get back. */
  drop(stream: object): number;
}

interface Waiting {
  readonly stream: object;
  bytes: Buffer;
  /** Of data. */
  length: number;
  readonly paid: boolean;
}

export function calleeWindow(send: (bytes: Buffer) => void): CalleeWindow {
  let window = INITIAL_BYTES;
  /** What the caller has already got of the next bytes that the callee gives. */
  let owed = 0;
  let waiting: Waiting[] = [];

  const spend = (length: number, paid: boolean): void => {
    window -= length;
    if (paid) owed += length;
  };
  const sendWaiting = (): void => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (next.length > window) {
        const [first, rest] = splitData(next.bytes, window) ?? [];
        if (first === undefined || rest === undefined) return;
        send(first);
        next.length -= window;
        next.bytes = rest;
        return spend(window, next.paid);
      }
      send(next.bytes);
      spend(next.length, next.paid);
      waiting.shift();
    }
  };

  return {
    data(stream, frame, paid) {
      const { length } = payloadOf(frame);
      if (waiting.length === 0 && length <= window) {
        send(frame.bytes);
        return spend(length, paid);
      }
      waiting.push({ stream, bytes: frame.bytes, length, paid });
      return sendWaiting();
    },
    behindData(stream, bytes) {
      if (waiting.some((item) => item.stream === stream)) waiting.push({ stream, bytes, length: 0, paid: true });
      else send(bytes);
    },
    give(bytes) {
      window += bytes;
      sendWaiting();
      const kept = Math.min(owed, bytes);
      owed -= kept;
      return bytes - kept;
    },
    drop(stream) {
      let unpaid = 0;
      for (const item of waiting) if (item.stream === stream && !item.paid) unpaid += item.length;
      waiting = waiting.filter((item) => item.stream !== stream);
      return unpaid;
    },
  };
}
