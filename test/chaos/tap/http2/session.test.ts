import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { type ServerHttp2Session, type ServerHttp2Stream, connect, constants, createServer } from 'node:http2';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../../helpers/until.ts';
import { listening, rssBytes, testTap } from '../tap-fixture.ts';
import { type TappedSession, closed, tappedSession } from './session-fixture.ts';

let on: TappedSession;
beforeEach(async () => {
  on = await tappedSession();
});
afterEach(() => on[Symbol.asyncDispose]());

test('settings of each side are the other side’s', async () => {
  await once(on.caller, 'remoteSettings');
  expect(on.caller.remoteSettings).toMatchObject({ maxConcurrentStreams: 7, initialWindowSize: 1_000_000 });
  await until(
    'the callee has those of the caller',
    () => on.sessions[0]?.remoteSettings?.maxHeaderListSize === 1024 * 1024,
  );
});

test('pings reach the other side and come back', async () => {
  await once(on.caller, 'remoteSettings');
  const seen = once(on.sessions[0] as ServerHttp2Session, 'ping');
  const answered = new Promise<Buffer>((resolve) =>
    on.caller.ping(Buffer.from('12345678'), (_, __, payload) => resolve(payload)),
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
  on.serve = (stream, headers) => {
    got = headers;
    stream.additionalHeaders({ ':status': 103, link: '</a>' });
    stream.respond({ ':status': 200, ...sent, 'set-cookie': ['a=1', 'b=2'] }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '3', 'x-bytes': latin1 }));
    stream.end('hello');
  };
  for (let repeat = 0; repeat < 2; repeat += 1) {
    const stream = on.post(sent);
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
  expect(await on.tap.attempts()).toMatchObject([{ status: 3 }, { status: 3 }]);
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
      on.serve = (stream) => (seen = stream);
      const stream = on.post();
      await until('it arrives', () => seen !== undefined);
      stream.close(code);
      await until('the callee knows', () => seen?.closed === true);
      expect(seen?.rstCode).toBe(code);
      expect(await on.tap.attempts()).toMatchObject([{ outcome: 'canceled' }]);
    },
  );
  test.each([constants.NGHTTP2_REFUSED_STREAM, constants.NGHTTP2_INTERNAL_ERROR])(
    'of the callee have the same code: %i',
    async (code) => {
      on.serve = (stream) => stream.close(code);
      expect(await closed(on.post())).toBe(code);
      expect(await on.tap.attempts()).toMatchObject([{ outcome: 'broken' }]);
    },
  );
  test('by the thousand do not end the connection', async () => {
    let open: ServerHttp2Stream[] = [];
    on.serve = (stream) => open.push(stream);
    for (let round = 0; round < 150; round += 1) {
      const streams = Array.from({ length: 7 }, () => on.post());
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
    expect([on.caller.closed, on.caller.destroyed]).toEqual([false, false]);
    expect(await on.tap.attempts()).toHaveLength(1_050);
  });
});

test('big bodies flow only as fast as they are read, and memory stays flat', async () => {
  const size = 64 * 1024 * 1024;
  let written = 0;
  on.serve = (stream, headers) => {
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
  const before = rssBytes(on.tap.tap.pid);
  const down = on.post();
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
  const up = on.post({ ':path': '/up' });
  up.end(Buffer.alloc(size / 2));
  expect(await text(up)).toBe(String(size / 2));
  expect(rssBytes(on.tap.tap.pid) - before).toBeLessThan(80 * 1024 * 1024);
});
