import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { calleeWindow } from '../../../../chaos/tap/http2/callee-window.ts';
import { FLAG, FRAME, type Frame, frameReader, payloadOf } from '../../../../chaos/tap/http2/frames.ts';

const CONNECTION_BYTES = 65_535;

function data(streamId: number, text: string, flags = 0): Frame {
  const bytes = Buffer.alloc(9 + text.length);
  bytes.writeUIntBE(text.length, 0, 3);
  bytes[4] = flags;
  bytes.writeUInt32BE(streamId, 5);
  bytes.write(text, 9);
  return { type: FRAME.data, flags, streamId, bytes };
}

/** A callee that checks what it gets against the window it gave. */
function strictCallee() {
  let window = CONNECTION_BYTES;
  let unread = 0;
  const received = new Map<number, string>();
  const read = frameReader((frame) => {
    const { length } = payloadOf(frame);
    window -= length;
    unread += length;
    if (window < 0) throw new Error('more than the window');
    received.set(frame.streamId, (received.get(frame.streamId) ?? '') + payloadOf(frame).toString());
  });
  return {
    read,
    received,
    /** Gives back what it has read, as servers do it: once it is half of the window. */
    update(): number {
      if (unread < CONNECTION_BYTES / 2) return 0;
      const bytes = unread;
      window += bytes;
      unread = 0;
      return bytes;
    },
  };
}

test('what was paid for already never exceeds the window, arrives in order, and the caller gets each byte back once', () => {
  const sent = fc.record({
    stream: fc.integer({ min: 0, max: 3 }),
    length: fc.integer({ min: 0, max: 16_384 }),
    paid: fc.boolean(),
    /** Whether the callee gets to read after it. */
    read: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(sent, { maxLength: 60 }), (items) => {
      const callee = strictCallee();
      const window = calleeWindow((bytes) => callee.read(bytes));
      const streams = [0, 1, 2, 3].map((stream) => ({ id: stream * 2 + 1, text: '' }));
      /** What the caller thinks it may send. */
      let callerWindow = CONNECTION_BYTES;
      const update = (): void => {
        for (let bytes = callee.update(); bytes > 0; bytes = callee.update()) callerWindow += window.give(bytes);
      };
      let unpaid = 0;
      for (const [index, { stream: number, length, paid, read }] of items.entries()) {
        const stream = streams[number] as (typeof streams)[number];
        // A caller keeps to its window; what is paid was taken off it before and given back.
        if (!paid && length > callerWindow) continue;
        if (!paid) {
          callerWindow -= length;
          unpaid += length;
        }
        const text = String.fromCodePoint(97 + (index % 26)).repeat(length);
        stream.text += text;
        window.data(stream, data(stream.id, text), paid);
        if (read) update();
      }
      update();
      for (const { id, text } of streams) expect(callee.received.get(id) ?? '').toBe(text);
      expect(callerWindow).toBeLessThanOrEqual(CONNECTION_BYTES);
      expect(callerWindow).toBeGreaterThanOrEqual(CONNECTION_BYTES - unpaid);
    }),
  );
});

test('what comes behind data waits with it; a stream that ends gives up its place', () => {
  const out: Buffer[] = [];
  const window = calleeWindow((bytes) => void out.push(bytes));
  const [first, second] = [{}, {}];
  window.data(first, data(1, 'x'.repeat(CONNECTION_BYTES)), false);
  window.data(second, data(3, 'abc', FLAG.endStream), false);
  window.behindData(first, Buffer.from('now'));
  window.behindData(second, Buffer.from('later'));
  window.data(first, data(1, 'de'), true);
  expect(out.slice(1).map(String)).toEqual(['now']);
  expect(window.drop(second)).toBe(3);
  expect(window.drop(second)).toBe(0);
  expect(window.give(10)).toBe(8);
  expect(out.slice(2).map((bytes) => bytes.subarray(9).toString())).toEqual(['de']);
});

test('a frame that is longer than what is left goes in two', () => {
  const out: Buffer[] = [];
  const window = calleeWindow((bytes) => void out.push(bytes));
  const stream = {};
  window.data(stream, data(1, 'x'.repeat(CONNECTION_BYTES - 2)), false);
  window.data(stream, data(1, 'abcde', FLAG.endStream), false);
  expect(out[1]?.toString('latin1')).toBe('\0\0\x02\0\0\0\0\0\x01ab');
  window.give(3);
  expect(out[2]?.toString('latin1')).toBe('\0\0\x03\0\x01\0\0\0\x01cde');
});
