import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { prefixed } from '../../../../chaos/tap/hpack/decoder.ts';
import { encodeFields } from '../../../../chaos/tap/hpack/encoder.ts';
import {
  ERROR,
  FRAME,
  type Frame,
  frameReader,
  headersFrames,
  rstStream,
  unpaddedPayload,
  windowUpdate,
} from '../../../../chaos/tap/http2/frames.ts';
import { firstMessage } from '../../../../chaos/tap/http2/first-message.ts';
import { grpcCodeOf } from '../../../../chaos/tap/http2/grpc-answer.ts';
import { ConnectionError, headerBlocks } from '../../../../chaos/tap/http2/header-blocks.ts';

function framesOf(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  frameReader((frame) => frames.push(frame))(bytes);
  return frames;
}

test('frames are whole, however the bytes are cut into pieces', () => {
  const bytes = Buffer.concat([rstStream(1, 8), headersFrames(3, true, [Buffer.alloc(20_000)]), windowUpdate(0, 7)]);
  fc.assert(
    fc.property(fc.infiniteStream(fc.integer({ min: 1, max: 9_000 })), (sizes) => {
      const frames: Frame[] = [];
      const read = frameReader((frame) => frames.push(frame));
      for (let at = 0; at < bytes.length;) {
        const size = sizes.next().value ?? 1;
        read(bytes.subarray(at, at + size));
        at += size;
      }
      expect(frames.map(({ type, flags, streamId }) => [type, flags, streamId])).toEqual([
        [FRAME.rstStream, 0, 1],
        [FRAME.headers, 1, 3],
        [FRAME.continuation, 4, 3],
        [FRAME.windowUpdate, 0, 0],
      ]);
      expect(Buffer.concat(frames.map((frame) => frame.bytes)).equals(bytes)).toBe(true);
    }),
  );
});

test.each([
  [0x0, '616263', '616263'],
  [0x8, '02616263ffff', '616263'],
  [0x8, '05616263', undefined],
  [0x28, '0100000000ff61ff', '61'],
  [0x20, '00000000', undefined],
])('payload of HEADERS with flags %i: %s → %s', (flags, hex, expected) => {
  const payload = Buffer.from(hex, 'hex');
  const frame = { type: FRAME.headers, flags, streamId: 1, bytes: Buffer.concat([Buffer.alloc(9), payload]) };
  expect(unpaddedPayload(frame)?.toString('hex')).toBe(expected);
});

describe('header blocks', () => {
  const block = (value: string): Buffer => encodeFields([['x-long', value]]);
  const take = (blocks: ReturnType<typeof headerBlocks>, bytes: Buffer) =>
    framesOf(bytes).flatMap((frame) => blocks.take(frame) ?? []);

  test('a header of a mebibyte goes through, in pieces that everyone takes', () => {
    const value = 'x'.repeat(1024 * 1024);
    const [from, to] = [headerBlocks(), headerBlocks()];
    const [read] = take(from, headersFrames(1, false, [block(value)]));
    const bytes = from.frames(5, true, read?.fields.map(({ wire }) => wire) ?? []);
    expect(framesOf(bytes).every((frame) => frame.bytes.length <= 16_393)).toBe(true);
    expect(take(to, bytes)).toMatchObject([{ streamId: 5, endStream: true, fields: [{ name: 'x-long', value }] }]);
  });

  test.each([
    [
      'a block that is not ended',
      [headersFrames(1, false, [Buffer.alloc(20_000)]).subarray(0, 16_393), rstStream(1, 0)],
      ERROR.protocol,
    ],
    ['a continuation of nothing', [headersFrames(1, false, [Buffer.alloc(20_000)]).subarray(16_393)], ERROR.protocol],
    ['an index of nothing', [headersFrames(1, false, [Uint8Array.of(0xff, 0x7f)])], ERROR.compression],
    ['a table beyond measure', [headersFrames(1, false, [prefixed(0x20, 5, 2 ** 27)])], ERROR.compression],
    ['more than anyone takes', [headersFrames(1, false, [Buffer.alloc(3 * 1024 * 1024, 0x82)])], ERROR.enhanceYourCalm],
  ])('%s is refused', (_, parts, code) => {
    expect(() => take(headerBlocks(), Buffer.concat(parts))).toThrow(new ConnectionError(code));
  });
});

test('the first message of a request is read across frames', () => {
  const message = Buffer.from('0a017812056f7264657220', 'hex');
  const prefix = Buffer.from([0, 0, 0, 0, message.length - 1]);
  const bytes = Buffer.concat([prefix, message.subarray(0, -1), prefix]);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const reader = firstMessage();
    reader.add(bytes.subarray(0, cut));
    reader.add(bytes.subarray(cut));
    expect(reader.field(2)).toBe('order');
  }
  const compressed = firstMessage();
  expect(compressed.add(Buffer.from([1, 0, 0, 0, 0]))).toBe(true);
  expect(compressed.field(2)).toBeUndefined();
});

test.each([
  [200, '5', 5],
  [200, undefined, 2],
  [200, 'x', 2],
  [503, undefined, 14],
  [404, undefined, 12],
  [undefined, undefined, 2],
])('HTTP %s with grpc-status %s is code %i', (httpStatus, said, code) => {
  const trailers = said === undefined ? [] : [{ name: 'grpc-status', value: said, wire: Buffer.alloc(0) }];
  expect(grpcCodeOf(httpStatus, trailers)).toBe(code);
});
