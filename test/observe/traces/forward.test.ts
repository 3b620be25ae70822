import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startForwarder } from '../../../lib/observe/traces/forward.ts';
import { until } from '../../helpers/until.ts';

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const body = (text: string): Uint8Array => new TextEncoder().encode(text);

test('bodies are passed on as they are', async () => {
  const got: unknown[] = [];
  await using server = await serve((request, response) => {
    void (async () => {
      got.push([request.method, request.url, request.headers['content-type'], String(await buffer(request))]);
      response.end();
    })();
  });
  await using forwarder = startForwarder(`${server.url}/base/`);
  forwarder.forward({ body: body('proto'), encoding: 'protobuf' });
  forwarder.forward({ body: body('{}'), encoding: 'json' });
  await until('both are sent', () => forwarder.counts().sent === 2);
  expect(got).toEqual(
    expect.arrayContaining([
      ['POST', '/base/v1/traces', 'application/x-protobuf', 'proto'],
      ['POST', '/base/v1/traces', 'application/json', '{}'],
    ]),
  );
  expect(forwarder.counts()).toEqual({ sent: 2, failed: 0, dropped: 0 });
});

test('what is refused, or has nobody to go to, is counted', async () => {
  await using server = await serve((_, response) => response.writeHead(503).end());
  await using refused = startForwarder(server.url);
  await using lost = startForwarder('http://127.0.0.1:1');
  for (const forwarder of [refused, lost]) forwarder.forward({ body: body('x'), encoding: 'protobuf' });
  await until('both have failed', () => refused.counts().failed === 1 && lost.counts().failed === 1);
  expect([refused.counts(), lost.counts()]).toEqual([
    { sent: 0, failed: 1, dropped: 0 },
    { sent: 0, failed: 1, dropped: 0 },
  ]);
});

test('a collector that never answers holds nothing up, and takes no more memory than is allowed', async () => {
  await using server = await serve(() => {});
  const forwarder = startForwarder(server.url);
  const large = new Uint8Array(8 * 1024 * 1024);
  for (let index = 0; index < 20; index += 1) forwarder.forward({ body: large, encoding: 'protobuf' });
  // 32 MiB are on their way.
  expect(forwarder.counts()).toEqual({ sent: 0, failed: 0, dropped: 16 });
  await forwarder[Symbol.asyncDispose]();
  expect(forwarder.counts()).toEqual({ sent: 0, failed: 4, dropped: 16 });
}, 20_000);
