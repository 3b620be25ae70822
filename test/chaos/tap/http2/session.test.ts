import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  connect,
  constants,
  createServer,
} from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../../chaos/drivers/free-port.ts';
import {
  FRAME,
  PREFACE,
  type Frame,
  frameReader,
  headersFrames,
  payloadOf,
} from '../../../../chaos/tap/http2/frames.ts';
import { until } from '../../../helpers/until.ts';
import { EDGE, type Listening, type TestTap, listening, rawCaller, rssBytes, testTap } from '../tap-fixture.ts';

/** No limits of Node's own that are narrower than what is tested. */
const WIDE = {
  settings: { maxHeaderListSize: 1024 * 1024 },
  maxSendHeaderBlockLength: 1024 * 1024,
  maxSessionMemory: 1_000,
  streamResetBurst: 1_000_000,
  streamResetRate: 1_000_000,
};

/** How the callee answers, for the test to set. */
let serve: (stream: ServerHttp2Stream, headers: Record<string, unknown>) => void;
let callee: Listening;
let sessions: ServerHttp2Session[];
let tap: TestTap;
let caller: ClientHttp2Session;

beforeEach(async () => {
  sessions = [];
  serve = (stream) => {
    stream.respond({ ':status': 200 });
    stream.end('hello');
  };
  const server = createServer({
    ...WIDE,
    settings: { ...WIDE.settings, maxConcurrentStreams: 7, initialWindowSize: 1_000_000 },
  });
  server.on('session', (session: ServerHttp2Session) => sessions.push(session));
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {});
    serve(stream, headers);
  });
  callee = await listening(server);
  tap = await testTap('grpc', callee.address);
  caller = connect(`http://${tap.address}`, WIDE).on('error', () => {});
});
afterEach(async () => {
  caller.destroy();
  await tap[Symbol.asyncDispose]();
  await callee[Symbol.asyncDispose]();
});

const post = (headers: Record<string, unknown> = {}): ClientHttp2Stream =>
  caller.request({ ':method': 'POST', ':path': '/a.B/C', ...(headers as object) }).on('error', () => {});
const closed = (stream: ClientHttp2Stream): Promise<number> =>
  new Promise((resolve) => stream.once('close', () => resolve(stream.rstCode)));

test('settings of each side are the other side’s', async () => {
  await once(caller, 'remoteSettings');
  expect(caller.remoteSettings).toMatchObject({ maxConcurrentStreams: 7, initialWindowSize: 1_000_000 });
  await until(
    'the callee has those of the caller',
    () => sessions[0]?.remoteSettings?.maxHeaderListSize === 1024 * 1024,
  );
});

test('pings reach the other side and come back', async () => {
  await once(caller, 'remoteSettings');
  const seen = once(sessions[0] as ServerHttp2Session, 'ping');
  const answered = new Promise<Buffer>((resolve) =>
    caller.ping(Buffer.from('12345678'), (_, __, payload) => resolve(payload)),
  );
  expect(await seen).toEqual([Buffer.from('12345678')]);
  expect((await answered).toString()).toBe('12345678');
});

test('headers, interim answers and trailers are what they are, also with all bytes there are and very long', async () => {
  const latin1 = Array.from({ length: 256 }, (_, code) => String.fromCodePoint(code))
    .filter((character) => /[\x21-\x7e\x80-\xff]/.test(character))
    .join('');
  const sent = {
    'x-bytes': latin1,
    'x-long': 'abc'.repeat(15_000),
    'x-longer': 'abd'.repeat(15_000),
    cookie: 'a=1; b=2',
    'x-empty': '',
  };
  let got: Record<string, unknown> = {};
  serve = (stream, headers) => {
    got = headers;
    stream.additionalHeaders({ ':status': 103, link: '</a>' });
    stream.respond({ ':status': 200, ...sent, 'set-cookie': ['a=1', 'b=2'] }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '3', 'x-bytes': latin1 }));
    stream.end('hello');
  };
  for (let repeat = 0; repeat < 2; repeat += 1) {
    const stream = post(sent);
    stream.end();
    const interim = once(stream, 'headers');
    const trailers = once(stream, 'trailers');
    const [answer] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(await text(stream)).toBe('hello');
    expect(answer).toMatchObject({ ...sent, 'set-cookie': ['a=1', 'b=2'] });
    expect(got).toMatchObject(sent);
    expect((await interim)[0]).toMatchObject({ ':status': 103 });
    expect((await trailers)[0]).toMatchObject({ 'x-bytes': latin1 });
  }
  expect(await tap.attempts()).toMatchObject([{ status: 3 }, { status: 3 }]);
});

test.each([0, 100, 65_536])(
  'a side that wants a header table of %i bytes gets what it can read',
  async (headerTableSize) => {
    const settings = { headerTableSize };
    const answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
      stream.respond({ ':status': 200, 'x-own': headers['x-own'] });
      stream.end();
    };
    await using narrow = await listening(createServer({ settings }).on('stream', answer));
    await using between = await testTap('grpc', narrow.address);
    const session = connect(`http://${between.address}`, { settings }).on('error', () => {});
    await once(session, 'remoteSettings');
    for (const value of ['one', 'one', 'two', 'one']) {
      const stream = session.request({ ':path': '/', 'x-own': value });
      const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
      expect(headers['x-own']).toBe(value);
      stream.resume();
    }
    session.destroy();
  },
);

describe('resets', () => {
  test.each([constants.NGHTTP2_CANCEL, constants.NGHTTP2_ENHANCE_YOUR_CALM])(
    'of the caller have the same code: %i',
    async (code) => {
      let seen: ServerHttp2Stream | undefined;
      serve = (stream) => (seen = stream);
      const stream = post();
      await until('it arrives', () => seen !== undefined);
      stream.close(code);
      await until('the callee knows', () => seen?.closed === true);
      expect(seen?.rstCode).toBe(code);
      expect(await tap.attempts()).toMatchObject([{ outcome: 'canceled' }]);
    },
  );
  test.each([constants.NGHTTP2_REFUSED_STREAM, constants.NGHTTP2_INTERNAL_ERROR])(
    'of the callee have the same code: %i',
    async (code) => {
      serve = (stream) => stream.close(code);
      expect(await closed(post())).toBe(code);
      expect(await tap.attempts()).toMatchObject([{ outcome: 'broken' }]);
    },
  );
  test('by the thousand do not end the connection', async () => {
    let open: ServerHttp2Stream[] = [];
    serve = (stream) => open.push(stream);
    for (let round = 0; round < 150; round += 1) {
      const streams = Array.from({ length: 7 }, () => post());
      await until('they are there', () => open.length === 7);
      await Promise.all(
        streams.map((stream) => {
          const end = closed(stream);
          stream.close(constants.NGHTTP2_CANCEL);
          return end;
        }),
      );
      // Node's server counts a stream until it has got rid of it.
      await until('they are gone', () => open.every(({ destroyed }) => destroyed));
      open = [];
    }
    expect([caller.closed, caller.destroyed]).toEqual([false, false]);
    expect(await tap.attempts()).toHaveLength(1_050);
  });
});

describe('the end of a connection', () => {
  test('GOAWAY is passed on, with the callee’s code and data; streams in flight complete', async () => {
    let open: ServerHttp2Stream | undefined;
    serve = (stream) => (open = stream);
    const stream = post();
    stream.end();
    await until('it arrives', () => open !== undefined);
    const goAway = once(caller, 'goaway');
    sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR, 1, Buffer.from('soon'));
    expect(await goAway).toEqual([0, 1, Buffer.from('soon')]);
    open?.respond({ ':status': 200 });
    open?.end('still here');
    expect(await text(stream)).toBe('still here');
    expect(await tap.attempts()).toMatchObject([{ outcome: 'answered' }]);
  });

  test('a request that is held up when the callee goes away is refused, so that it can be sent elsewhere', async () => {
    await tap.rule({ action: { type: 'delay', delayMs: 60_000, jitterMs: 0 }, first: 1 });
    const held = post();
    await until('it is held up', async () => (await tap.tap.inFlight(EDGE)) === 1);
    const passed = post();
    expect(await text(passed)).toBe('hello');
    const refused = closed(held);
    sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR, 1);
    expect(await refused).toBe(constants.NGHTTP2_REFUSED_STREAM);
    expect(await tap.attempts()).toMatchObject([{ outcome: 'answered' }, { outcome: 'broken', rule: 'rule' }]);
  });

  test('a callee that is lost takes its caller’s connection with it', async () => {
    serve = () => {};
    const stream = post();
    await until('it is in flight', async () => (await tap.tap.inFlight(EDGE)) === 1);
    const lost = closed(stream);
    sessions[0]?.destroy();
    await lost;
    await until('the session is closed', () => caller.destroyed);
    expect(await tap.attempts()).toMatchObject([{ outcome: 'broken' }]);
  });

  test('a caller that is lost takes its callee’s connection with it', async () => {
    let open: ServerHttp2Stream | undefined;
    serve = (stream) => (open = stream);
    post();
    await until('it arrives', () => open !== undefined);
    caller.destroy();
    await until('the callee knows', () => open?.closed === true && sessions[0]?.destroyed === true);
    expect(await tap.attempts()).toMatchObject([{ outcome: 'canceled' }]);
  });

  test('a callee that cannot be reached looks like one', async () => {
    await using lonely = await testTap('grpc', `127.0.0.1:${await freePort()}`);
    using raw = rawCaller(lonely.port);
    raw.socket.write(PREFACE);
    expect(await raw.ended).toBe('ECONNRESET');
    expect(raw.received()).toBe('');
    const session = connect(`http://${lonely.address}`).on('error', () => {});
    const stream = session.request({ ':path': '/a.B/C' }).on('error', () => {});
    await closed(stream);
    session.destroy();
    expect(await lonely.attempts()).toMatchObject([{ operation: '/a.B/C', outcome: 'broken' }]);
  });
});

test('big bodies flow only as fast as they are read, and memory stays flat', async () => {
  const size = 64 * 1024 * 1024;
  let written = 0;
  serve = (stream, headers) => {
    stream.respond({ ':status': 200 });
    if (headers[':path'] === '/up') return void buffer(stream).then(({ length }) => stream.end(String(length)));
    const chunk = Buffer.alloc(64 * 1024);
    const write = (): void => {
      while (written < size) {
        written += chunk.length;
        if (!stream.write(chunk)) return void stream.once('drain', write);
      }
      stream.end();
    };
    return write();
  };
  const before = rssBytes(tap.tap.pid);
  const down = post();
  down.end();
  await once(down, 'response');
  let last = -1;
  await until('the callee is held back', async () => {
    const stands = written === last;
    last = written;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return stands;
  });
  // The windows are the two sides' own: the tap adds nothing to them.
  expect(written).toBeLessThan(1024 * 1024);
  expect((await buffer(down)).length).toBe(size);
  const up = post({ ':path': '/up' });
  up.end(Buffer.alloc(size / 2));
  expect(await text(up)).toBe(String(size / 2));
  expect(rssBytes(tap.tap.pid) - before).toBeLessThan(80 * 1024 * 1024);
});

describe('hostile callers', () => {
  /** Frames that the tap sends to a caller of these bytes, until it closes. */
  const framesAfter = async (bytes: Buffer): Promise<Frame[]> => {
    const frames: Frame[] = [];
    const socket = connectSocket(tap.port, '127.0.0.1').on('error', () => {});
    socket.on(
      'data',
      frameReader((frame) => frames.push(frame)),
    );
    socket.write(bytes);
    await once(socket, 'close');
    return frames;
  };
  const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const works = async (): Promise<void> => expect(await text(post().end())).toBe('hello');

  test('a connection that is no HTTP/2 is passed on unseen', async () => {
    using raw = rawCaller(tap.port);
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
      const socket = connectSocket(tap.port, '127.0.0.1').on('error', () => {});
      await once(socket, 'connect');
      socket.write(whole.subarray(0, length));
      if (length % 2 === 0) socket.resetAndDestroy();
      else socket.end();
    }
    await works();
    await until('nothing is in flight', async () => (await tap.tap.inFlight(EDGE)) === 0);
    expect(tap.tap.exit()).toBeUndefined();
  });
});
