import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, createServer, request } from 'node:http';
import { type Socket, createServer as createNetServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { freePort } from '../../../../chaos/drivers/free-port.ts';
import { until } from '../../../helpers/until.ts';
import { type Listening, type TestTap, listening, rawCaller, testTap } from '../tap-fixture.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** A callee whose connections the test holds in its hands. */
async function openCallee(): Promise<Listening & { readonly sockets: Socket[]; readonly received: () => string }> {
  const sockets: Socket[] = [];
  let received = '';
  const server = createNetServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk));
  });
  return { ...(await listening(server)), sockets, received: () => received };
}

describe('the callee', () => {
  test('that cannot be reached: the caller is cut off, and its request was seen', async () => {
    await using tap = await testTap('http', `127.0.0.1:${await freePort()}`);
    using caller = rawCaller(tap.port);
    caller.socket.write(GET);
    expect(await caller.ended).toBe('ECONNRESET');
    expect(caller.received()).toBe('');
    expect(await tap.attempts()).toMatchObject([{ operation: 'GET /', outcome: 'broken' }]);
    using silent = rawCaller(tap.port);
    expect(await silent.ended).toBe('ECONNRESET');
    expect(await tap.attempts()).toHaveLength(1);
  });

  test.each(['reset', 'end'] as const)('that breaks off an answer with a %s is passed on', async (how) => {
    await using callee = await openCallee();
    await using tap = await testTap('http', callee.address);
    using caller = rawCaller(tap.port);
    caller.socket.write(GET);
    await until('the request arrives', () => callee.received() === GET);
    const [socket] = callee.sockets as [Socket];
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    await until('half of it is there', () => caller.received().endsWith('half'));
    if (how === 'reset') socket.resetAndDestroy();
    else socket.end();
    expect(await caller.ended).toBe(how === 'reset' ? 'ECONNRESET' : 'end');
    expect(await tap.attempts()).toMatchObject([{ outcome: 'broken', status: 200 }]);
  });

  test('that closes an idle connection is passed on', async () => {
    await using callee = await openCallee();
    await using tap = await testTap('http', callee.address);
    using caller = rawCaller(tap.port);
    await until('it is connected', () => callee.sockets.length === 1);
    callee.sockets[0]?.end();
    expect(await caller.ended).toBe('end');
    expect(await tap.attempts()).toEqual([]);
  });

  test('that answers with something that is no HTTP is passed on', async () => {
    await using callee = await openCallee();
    await using tap = await testTap('http', callee.address);
    using caller = rawCaller(tap.port);
    caller.socket.write(GET);
    await until('the request arrives', () => callee.received() === GET);
    callee.sockets[0]?.end('SSH-2.0-OpenSSH\r\n\r\n\x00\x01');
    expect(await caller.ended).toBe('end');
    expect(caller.received()).toBe('SSH-2.0-OpenSSH\r\n\r\n\x00\x01');
    expect(await tap.attempts()).toMatchObject([{ outcome: 'broken' }]);
  });
});

describe('the caller', () => {
  test.each(['reset', 'end'] as const)('that goes away with a %s is gone for the callee too', async (how) => {
    await using callee = await openCallee();
    await using tap = await testTap('http', callee.address);
    using caller = rawCaller(tap.port);
    caller.socket.write(GET);
    await until('the request arrives', () => callee.received() === GET);
    expect(await tap.tap.inFlight('orders-pricing')).toBe(1);
    const [socket] = callee.sockets as [Socket];
    const gone = new Promise<string>((resolve) => {
      socket.once('end', () => resolve('end'));
      socket.once('error', () => resolve('reset'));
    });
    if (how === 'reset') caller.socket.resetAndDestroy();
    else caller.socket.end();
    expect(await gone).toBe(how);
    expect(await tap.tap.inFlight('orders-pricing')).toBe(0);
    const [attempt] = await tap.attempts();
    expect(attempt).toMatchObject({ outcome: 'canceled' });
    expect(attempt).not.toHaveProperty('status');
  });

  test('that cancels ends what a real server does for it', async () => {
    let closed = 0;
    const server = createServer((_, response) => void response.on('close', () => (closed += 1)));
    await using callee = await listening(server);
    await using tap = await testTap('http', callee.address);
    const sent = request({ port: tap.port, host: '127.0.0.1' }).on('error', () => {});
    sent.end();
    await until('it is in flight', async () => (await tap.tap.inFlight('orders-pricing')) === 1);
    sent.destroy();
    await until('the callee knows', () => closed === 1);
    expect(await tap.attempts()).toMatchObject([{ outcome: 'canceled' }]);
  });

  test('that says it is done and goes on listening gets its answer', async () => {
    const server = createServer({}, (_, response) => response.end('hello'));
    (server as { httpAllowHalfOpen?: boolean }).httpAllowHalfOpen = true;
    await using callee = await listening(server);
    await using tap = await testTap('http', callee.address);
    using caller = rawCaller(tap.port);
    caller.socket.end('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(await caller.ended).toBe('end');
    expect(caller.received()).toMatch(/hello$/);
  });
});

describe('hostile callers', () => {
  /** The tap still does its work. */
  const works = async (tap: TestTap): Promise<void> => {
    const sent: ClientRequest = request({ port: tap.port, host: '127.0.0.1', agent: false });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(await text(response)).toBe('hello');
  };
  const server = (): Promise<Listening> =>
    listening(
      createServer(
        (incoming, response) =>
          void text(incoming).then(
            () => response.end('hello'),
            () => {},
          ),
      ),
    );

  test.each([
    ['garbage', '\x00\xff\r\n\r\n\x16\x03\x01garbage'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00'],
    ['a length that is none', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2\r\n\r\nxx'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
    ['a chunk that is none', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n'],
  ])('that send %s get the answer of the callee', async (_, bytes) => {
    await using callee = await server();
    await using tap = await testTap('http', callee.address);
    using caller = rawCaller(tap.port);
    caller.socket.write(bytes, 'latin1');
    await caller.ended;
    expect(caller.received()).toMatch(/^HTTP\/1\.1 400 /);
    await works(tap);
  });

  test('that send a header of 2 MiB are left to the callee', async () => {
    await using callee = await server();
    await using tap = await testTap('http', callee.address);
    using caller = rawCaller(tap.port);
    caller.socket.write(`GET / HTTP/1.1\r\nHost: a\r\nLong: ${'x'.repeat(2 * 1024 * 1024)}\r\n\r\n`);
    // It says 431 and closes, which mostly overtakes what it says.
    expect(await caller.ended).toMatch(/^(end|ECONNRESET|EPIPE)$/);
    expect(await tap.attempts()).toEqual([]);
    await works(tap);
  });

  test('that leave in the middle of everything', async () => {
    await using callee = await server();
    await using tap = await testTap('http', callee.address);
    const whole = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n';
    for (const length of [0, 1, 10, 40, 60, whole.length - 1]) {
      for (const how of ['reset', 'end', 'destroy'] as const) {
        using caller = rawCaller(tap.port);
        await once(caller.socket, 'connect');
        caller.socket.write(whole.slice(0, length));
        if (how === 'reset') caller.socket.resetAndDestroy();
        else if (how === 'end') caller.socket.end();
        else caller.socket.destroy();
      }
    }
    await works(tap);
    await until('nothing is in flight', async () => (await tap.tap.inFlight('orders-pricing')) === 0);
    expect(tap.tap.exit()).toBeUndefined();
  });

  test('a header of 900 KiB is an ordinary one', async () => {
    const long = 'x'.repeat(900 * 1024);
    const big = createServer({ maxHeaderSize: 1024 * 1024 }, (incoming, response) =>
      response.writeHead(200, { long: incoming.headers['long'] }).end('hello'),
    );
    await using callee = await listening(big);
    await using tap = await testTap('http', callee.address);
    using caller = rawCaller(tap.port);
    caller.socket.write(`GET / HTTP/1.1\r\nHost: a\r\nLong: ${long}\r\nConnection: close\r\n\r\n`);
    await caller.ended;
    expect(caller.received()).toContain(long);
    expect(await tap.attempts()).toMatchObject([{ outcome: 'answered', status: 200 }]);
  });
});
