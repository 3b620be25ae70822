import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, createServer, request } from 'node:http';
import { createServer as createNetServer, type Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { until } from '../../../helpers/until.ts';
import { listening, rawCaller, rssBytes, testTap } from '../tap-fixture.ts';

/** A callee that speaks bytes: keeps what it gets, and answers when a request is whole. */
async function rawCallee(answer: string, isWhole: (received: string) => boolean) {
  const sockets: Socket[] = [];
  let received = '';
  const server = createNetServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      received += chunk;
      if (isWhole(received)) socket.write(answer, 'latin1');
    });
  });
  return { ...(await listening(server)), sockets, received: () => received };
}

async function call(port: number, options: RequestOptions = {}, body?: string): Promise<IncomingMessage> {
  const sent = request({ port, host: '127.0.0.1', agent: false, ...options });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

test('bytes are passed on as they are, in both directions', async () => {
  const request1 =
    'POST /v1/quotes?x=1 HTTP/1.1\r\nhOsT: shop\r\nX-Two: 1\r\nx-two:2\r\nEmpty:\r\nTransfer-Encoding: chunked\r\nTrailer: Sum\r\n\r\n' +
    '5;ext=1\r\nhe\xffll\r\n0\r\nSum: 9\r\n\r\n';
  const answer =
    'HTTP/1.1 201 Made up\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\nTRANSFER-encoding: chunked\r\n\r\n' +
    '3\r\n\x00\x01\xfe\r\n00\r\nLate: yes\r\n\r\n';
  await using callee = await rawCallee(answer, (received) => received.endsWith('Sum: 9\r\n\r\n'));
  await using tap = await testTap('http', callee.address);
  using caller = rawCaller(tap.port);
  // In pieces that end anywhere.
  for (const piece of request1.match(/[^]{1,7}/g) ?? []) {
    caller.socket.write(piece, 'latin1');
    await new Promise(setImmediate);
  }
  await until('the answer is there', () => caller.received() === answer);
  expect(callee.received()).toBe(request1);
  expect(await tap.attempts()).toMatchObject([{ operation: 'POST /v1/quotes', outcome: 'answered', status: 201 }]);
});

test('a real client and a real server see what they see without it', async () => {
  const seen: unknown[] = [];
  const server = createServer((incoming, response) => {
    // The two talks may lie in two seconds.
    response.sendDate = false;
    void text(incoming).then((body) => {
      seen.push([incoming.method, incoming.rawHeaders, body, incoming.trailers]);
      if (incoming.url === '/304') return response.writeHead(304, { etag: '"1"' }).end();
      if (incoming.url === '/204') return response.writeHead(204).end();
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      const headers = ['X-Order', '1', 'x-order', '2', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Date', 'then'];
      if (incoming.method === 'HEAD') return response.writeHead(200, headers).end();
      response.writeHead(200, [...headers, 'Trailer', 'Sum']);
      response.addTrailers({ Sum: '9' });
      return response.end('hello');
    });
  });
  await using callee = await listening(server);
  await using tap = await testTap('http', callee.address);
  const talk = async (port: number): Promise<unknown[]> => {
    const results: unknown[] = [];
    const hints: unknown[] = [];
    for (const options of [
      {
        method: 'POST',
        path: '/',
        headers: ['Host', 'shop', 'X-A', '1', 'x-a', '2', 'Expect', '100-continue', 'Content-Length', '4'],
      },
      { method: 'HEAD', path: '/', headers: ['Host', 'shop'] },
      { method: 'GET', path: '/304', headers: ['Host', 'shop'] },
      { method: 'GET', path: '/204', headers: ['Host', 'shop'] },
    ]) {
      const sent = request({ port, host: '127.0.0.1', agent: false, ...options } as unknown as RequestOptions);
      sent.on('information', ({ statusCode }) => hints.push(statusCode));
      if (options.method === 'POST') {
        sent.flushHeaders();
        // The body waits for the callee's word.
        await once(sent, 'continue');
        sent.end('body');
      } else sent.end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      const body = await text(response);
      results.push([response.statusCode, response.rawHeaders, body, response.rawTrailers]);
    }
    return [...results, hints];
  };
  const through = await talk(tap.port);
  const seenThrough = seen.splice(0);
  expect(through).toEqual(await talk(Number(callee.address.split(':')[1])));
  expect(seenThrough).toEqual(seen);
  expect((await tap.attempts()).map(({ operation, status }) => `${operation} ${status}`)).toEqual([
    'POST / 200',
    'HEAD / 200',
    'GET /304 304',
    'GET /204 204',
  ]);
});

test('keeps to one connection for each of the caller, opened with it and used again', async () => {
  let connections = 0;
  const server = createServer((_, response) => response.end('hello')).on('connection', () => (connections += 1));
  await using callee = await listening(server);
  await using tap = await testTap('http', callee.address);
  using first = rawCaller(tap.port);
  await until('the callee has a connection', () => connections === 1);
  for (const count of [1, 2]) {
    first.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('it answers', () => first.received().split('hello').length === count + 1);
  }
  // Two at once: one is answered after the other.
  first.socket.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n');
  await until('it answers', () => first.received().split('hello').length === 5);
  expect(connections).toBe(1);
  using second = rawCaller(tap.port);
  await until('the callee has another connection', () => connections === 2);
  second.socket.end();
  expect(await second.ended).toBe('end');
  expect((await tap.attempts()).map(({ operation }) => operation)).toEqual(['GET /', 'GET /', 'GET /a', 'GET /b']);
});

test('an answer that ends with the connection is whole', async () => {
  const server = createNetServer((socket) => {
    socket.on('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nall of it'));
  });
  await using callee = await listening(server);
  await using tap = await testTap('http', callee.address);
  expect(await text(await call(tap.port))).toBe('all of it');
  expect(await tap.attempts()).toMatchObject([{ outcome: 'answered', status: 200 }]);
});

test('another protocol after an upgrade is passed on unseen', async () => {
  const server = createServer().on('upgrade', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
    socket.on('data', (chunk: Buffer) => socket.write(chunk));
    socket.on('error', () => {});
  });
  await using callee = await listening(server);
  await using tap = await testTap('http', callee.address);
  using caller = rawCaller(tap.port);
  caller.socket.write('GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
  await until('it switches', () => caller.received().endsWith('\r\n\r\n'));
  caller.socket.write('\x81\x00GET / HTTP/1.1\r\n\r\n', 'latin1');
  await until('it echoes', () => caller.received().endsWith('\x81\x00GET / HTTP/1.1\r\n\r\n'));
  expect(await tap.attempts()).toMatchObject([{ operation: 'GET /ws', outcome: 'answered', status: 101 }]);
});

const MIB = 1024 * 1024;

test('big bodies flow only as fast as they are read, and memory stays flat', async () => {
  const size = 96 * MIB;
  let sent = 0;
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const server = createServer((incoming, response) => {
    if (incoming.method === 'POST') {
      void buffer(incoming).then(({ length }) => response.end(String(length)));
      return;
    }
    const write = (): void => {
      while (sent < size) {
        sent += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', write);
      }
      response.end();
    };
    write();
  });
  await using callee = await listening(server);
  await using tap = await testTap('http', callee.address);
  const before = rssBytes(tap.tap.pid);
  const response = await call(tap.port);
  // Nobody reads: what is sent meanwhile is in the system's buffers.
  let last = -1;
  await until('the callee is held back', async () => {
    const stands = sent === last;
    last = sent;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return stands;
  });
  expect(sent).toBeLessThan(size / 2);
  let got = 0;
  for await (const part of response) got += (part as Buffer).length;
  expect(got).toBe(size);
  const posted = request({ port: tap.port, host: '127.0.0.1', agent: false, method: 'POST' });
  for (let count = 0; count < 48 * MIB; count += chunk.length) {
    if (!posted.write(chunk)) await once(posted, 'drain');
  }
  posted.end();
  const [answer] = (await once(posted, 'response')) as [IncomingMessage];
  expect(await text(answer)).toBe(String(48 * MIB));
  expect(rssBytes(tap.tap.pid) - before).toBeLessThan(80 * MIB);
});
