import { once } from 'node:events';
import { constants } from 'node:http2';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  FRAME,
  type Frame,
  PREFACE,
  frameReader,
  headersFrames,
  payloadOf,
} from '../../../../chaos/tap/http2/frames.ts';
import { until } from '../../../helpers/until.ts';
import { EDGE, rawCaller } from '../tap-fixture.ts';
import { type TappedSession, tappedSession } from './session-fixture.ts';

let on: TappedSession;
beforeEach(async () => {
  on = await tappedSession();
});
afterEach(() => on[Symbol.asyncDispose]());

describe('hostile callers', () => {
  /** Frames that the tap sends to a caller of these bytes, until it closes. */
  const framesAfter = async (bytes: Buffer): Promise<Frame[]> => {
    const frames: Frame[] = [];
    const socket = connect(on.tap.port, '127.0.0.1').on('error', () => {});
    socket.on(
      'data',
      frameReader((frame) => frames.push(frame)),
    );
    socket.write(bytes);
    await once(socket, 'close');
    return frames;
  };
  const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const works = async (): Promise<void> => expect(await text(on.post().end())).toBe('hello');

  test('a connection that is no HTTP/2 is passed on unseen', async () => {
    using raw = rawCaller(on.tap.port);
    raw.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await raw.ended;
    // Node's server answers in HTTP/2.
    expect(raw.received()).not.toBe('');
    await works();
  });
  test('headers that cannot be decoded end the connection with the code for it', async () => {
    const bad = headersFrames(1, false, [Uint8Array.of(0xff, 0x7f)]);
    const goAway = (await framesAfter(Buffer.concat([PREFACE, SETTINGS, bad]))).find(
      ({ type }) => type === FRAME.goAway,
    );
    expect(goAway && payloadOf(goAway).readUInt32BE(4)).toBe(constants.NGHTTP2_COMPRESSION_ERROR);
    await works();
  });
  test('other nonsense is the callee’s to judge', async () => {
    const windowOfNothing = Buffer.from([0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const frames = await framesAfter(Buffer.concat([PREFACE, SETTINGS, windowOfNothing]));
    expect(frames.map(({ type }) => type)).toContain(FRAME.goAway);
    await works();
  });
  test('that leave in the middle of everything', async () => {
    const whole = Buffer.concat([PREFACE, SETTINGS, headersFrames(1, false, [Buffer.alloc(20_000, 0x82)])]);
    for (const length of [0, 5, 24, 30, 40, whole.length - 1]) {
      const socket = connect(on.tap.port, '127.0.0.1').on('error', () => {});
      await once(socket, 'connect');
      socket.write(whole.subarray(0, length));
      if (length % 2 === 0) socket.resetAndDestroy();
      else socket.end();
    }
    await works();
    await until('nothing is in flight', async () => (await on.tap.tap.inFlight(EDGE)) === 0);
    expect(on.tap.tap.exit()).toBeUndefined();
  });
});
