import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import {
  Server as GrpcServer,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
  status as codes,
} from '@grpc/grpc-js';
import { load } from '@grpc/proto-loader';
import { afterEach, describe, expect, test } from 'vitest';
import { sendRequest, traceIdOf } from '../../../chaos/drivers/drill-request.ts';
import { type SendOptions, resolveJson, traceparent } from '../../../chaos/drivers/request-options.ts';
import { drillRequestSchema } from '../../../lib/plan/schema/requests.ts';
import { freePort } from '../../../chaos/drivers/free-port.ts';
import { until } from '../../helpers/until.ts';

const ROOT = fileURLToPath(new URL('../fixtures', import.meta.url));
const TRACE = traceIdOf('a write');

let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stop?.();
  stop = undefined;
});

/** Sends what an experiment says, in which `{{at}}` stands for the address, and `{{key}}` for a key. */
function send(input: object, address: string, more: Partial<SendOptions> = {}) {
  const resolve = (one: string) => one.replaceAll('{{at}}', address).replaceAll('{{key}}', 'key "1"');
  return sendRequest(drillRequestSchema.parse(input), {
    resolve,
    root: ROOT,
    signal: new AbortController().signal,
    traceId: TRACE,
    ...more,
  });
}

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

async function httpServer(handle: Handler): Promise<string> {
  const server: Server = createServer((request, response) => {
    void text(request).then((body) => handle(request, response, body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('over HTTP', () => {
  test('sends method, headers, body and a trace, with every text resolved, and closes its connection', async () => {
    const seen: unknown[] = [];
    let closed = 0;
    const address = await httpServer(({ method, url, headers, socket }, response, body) => {
      socket.once('close', () => (closed += 1));
      const { 'content-type': type, 'x-key': key, traceparent: trace } = headers;
      seen.push({ method, url, type, key, trace, body: JSON.parse(body) as unknown });
      response.writeHead(201).end('{"id":1}');
    });
    const http = {
      method: 'POST',
      url: 'http://{{at}}/writes?k=v',
      headers: { 'X-Key': '{{key}}' },
      body: { key: '{{key}}', list: ['{{key}}', 5, null, true, { deep: 'at {{at}}' }] },
    };
    expect(await send({ http }, address)).toEqual({ status: 'HTTP 201', ok: true, items: [{ id: 1 }] });
    expect(seen).toEqual([
      {
        method: 'POST',
        url: '/writes?k=v',
        type: 'application/json',
        key: 'key "1"',
        trace: `00-${TRACE}-${TRACE.slice(0, 15)}1-01`,
        body: { key: 'key "1"', list: ['key "1"', 5, null, true, { deep: `at ${address}` }] },
      },
    ]);
    await until('the connection is closed', () => closed === 1);
  });

  test("the request's own headers come first", async () => {
    const address = await httpServer(({ headers }, response) =>
      response.end(JSON.stringify([headers['content-type'], headers.traceparent])),
    );
    const headers = { 'Content-Type': 'text/plain', traceparent: 'mine' };
    const { items } = await send({ http: { method: 'PUT', url: 'http://{{at}}/', headers, body: 'x' } }, address);
    expect(items).toEqual(['text/plain', 'mine']);
  });

  test.each<[string, string, readonly unknown[]]>([
    ['nothing', '', []],
    ['blanks', ' \n', []],
    ['one value', '{"a":1}', [{ a: 1 }]],
    ['a list', '[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['an empty list', '[]', []],
    ['lines of JSON', '{"a":1}\n{"a":2}\n\n', [{ a: 1 }, { a: 2 }]],
    ['lines of which one is broken', '{"a":1}\n{"a":', [{ a: 1 }, '{"a":']],
    ['no JSON', 'well done', ['well done']],
  ])('an answer of %s', async (_, content, items) => {
    const address = await httpServer((_request, response) => response.end(content));
    expect(await send({ http: { url: 'http://{{at}}/' } }, address)).toEqual({ status: 'HTTP 200', ok: true, items });
  });

  test.each([
    [204, true],
    [302, false],
    [409, false],
    [503, false],
  ])('an answer with status %d', async (status, ok) => {
    const address = await httpServer((_, response) => response.writeHead(status).end());
    expect(await send({ http: { url: 'http://{{at}}/' } }, address)).toEqual({
      status: `HTTP ${status}`,
      ok,
      items: [],
    });
  });

  test('no answer is an answer too, which says why', async () => {
    const nobody = `127.0.0.1:${await freePort()}`;
    const http = { url: 'http://{{at}}/' };
    expect(await send({ http }, nobody)).toEqual({ status: 'ECONNREFUSED', ok: false, items: [] });
    const cut = await httpServer((_, response) => response.socket?.resetAndDestroy());
    expect(await send({ http }, cut)).toEqual({ status: 'ECONNRESET', ok: false, items: [] });
    await stop?.();
    // The status was fine, and the answer is not whole: its effect is unknown.
    const half = await httpServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"a":1}');
      setImmediate(() => response.socket?.resetAndDestroy());
    });
    expect(await send({ http }, half)).toEqual({ status: 'ECONNRESET', ok: false, items: [] });
  });

  test.each(['before an answer', 'in the middle of an answer'])('canceled %s: the server sees it go', async (when) => {
    let gone = false;
    let arrived = false;
    const address = await httpServer((request, response) => {
      request.socket.once('close', () => (gone = true));
      if (when !== 'before an answer') response.write('{"a":1}\n');
      arrived = true;
    });
    const client = new AbortController();
    const sending = send({ http: { url: 'http://{{at}}/' } }, address, { signal: client.signal });
    await until('it has arrived', () => arrived);
    client.abort();
    expect(await sending).toEqual({ status: 'canceled', ok: false, items: [] });
    await until('the server has seen it', () => gone);
  });

  test('canceled before it was sent', async () => {
    const address = await httpServer((_, response) => response.end('{}'));
    const signal = AbortSignal.abort();
    expect(await send({ http: { url: 'http://{{at}}/' } }, address, { signal })).toMatchObject({ status: 'canceled' });
  });
});

interface RingRequest {
  readonly idempotencyKey: string;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
  readonly failWith: number;
}
type Receipt = { readonly text?: string; readonly totalMicros?: string };

interface Till {
  readonly address: string;
  readonly seen: { readonly request: RingRequest; readonly metadata: Record<string, unknown> }[];
  readonly cancelled: () => number;
  readonly waiting: () => number;
}

/** Rings up what it is sent; waits for ever with a key of "wait", fails with the code that it is told. */
async function till(): Promise<Till> {
  const definitions = await load('till.proto', { includeDirs: [`${ROOT}/proto`], longs: String, defaults: true });
  const seen: Till['seen'] = [];
  let cancelled = 0;
  let waiting = 0;
  const server = new GrpcServer();
  server.addService(definitions['test.v1.Till'] as ServiceDefinition, {
    ring(call: ServerUnaryCall<RingRequest, Receipt>, answer: sendUnaryData<Receipt>) {
      const { request, metadata } = call;
      seen.push({ request, metadata: metadata.getMap() });
      if (request.failWith > 0) {
        answer({ code: request.failWith, details: 'refused' });
        return;
      }
      if (request.idempotencyKey === 'wait') {
        waiting += 1;
        call.once('cancelled', () => (cancelled += 1));
        return;
      }
      answer(null, { text: 'thanks', totalMicros: '9007199254740993' });
    },
    watch(call: ServerWritableStream<RingRequest, Receipt>) {
      call.write({ text: 'one' });
      call.write({ text: 'two' });
      if (call.request.failWith > 0) call.emit('error', { code: call.request.failWith, details: 'enough' });
      else call.end();
    },
    pour: () => {},
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  stop = async () => server.forceShutdown();
  return { address: `127.0.0.1:${port}`, seen, cancelled: () => cancelled, waiting: () => waiting };
}

const grpc = (changes: object = {}) => ({
  grpc: { address: '{{at}}', protoPath: 'proto', protoFiles: ['till.proto'], method: 'test.v1.Till/Ring', ...changes },
});

describe('over gRPC', () => {
  test('sends a message with imports, metadata and a trace, with every text resolved', async () => {
    const { address, seen } = await till();
    const message = { idempotencyKey: '{{key}}', items: [{ sku: 'at {{at}}', quantity: 3 }] };
    // Whole numbers of 64 bits stay exact, and what is not sent has its default.
    expect(await send(grpc({ message, metadata: { 'x-key': '{{key}}' } }), address)).toEqual({
      status: 'OK',
      ok: true,
      items: [{ text: 'thanks', totalMicros: '9007199254740993', paid: false }],
    });
    expect(seen).toMatchObject([
      {
        request: { idempotencyKey: 'key "1"', items: [{ sku: `at ${address}`, quantity: 3 }] },
        metadata: { 'x-key': 'key "1"', traceparent: traceparent(TRACE) },
      },
    ]);
  });

  test('a server stream gives all its messages, also those before it failed', async () => {
    const { address } = await till();
    const method = 'test.v1.Till/Watch';
    const items = [expect.objectContaining({ text: 'one' }), expect.objectContaining({ text: 'two' })];
    expect(await send(grpc({ method }), address)).toEqual({ status: 'OK', ok: true, items });
    const message = { failWith: codes.RESOURCE_EXHAUSTED };
    expect(await send(grpc({ method, message }), address)).toEqual({ status: 'RESOURCE_EXHAUSTED', ok: false, items });
  });

  test.each(['INVALID_ARGUMENT', 'UNAVAILABLE', 'ABORTED', 'INTERNAL'] as const)(
    'a refusal, %s, once',
    async (code) => {
      const { address, seen } = await till();
      const answer = await send(grpc({ message: { failWith: codes[code] } }), address);
      expect(answer).toEqual({ status: code, ok: false, items: [] });
      // The library repeats nothing by itself.
      expect(seen).toHaveLength(1);
    },
  );

  test('nobody there', async () => {
    const answer = await send(grpc(), `127.0.0.1:${await freePort()}`);
    expect(answer).toEqual({ status: 'UNAVAILABLE', ok: false, items: [] });
  });

  test('canceled: the server sees it go', async () => {
    const { address, cancelled, waiting } = await till();
    const client = new AbortController();
    const sending = send(grpc({ message: { idempotencyKey: 'wait' } }), address, { signal: client.signal });
    await until('it has arrived', () => waiting() === 1);
    client.abort();
    expect(await sending).toEqual({ status: 'canceled', ok: false, items: [] });
    await until('the server has seen it', () => cancelled() === 1);
  });

  test('canceled before it was sent', async () => {
    const { address, seen } = await till();
    expect(await send(grpc(), address, { signal: AbortSignal.abort() })).toMatchObject({ status: 'canceled' });
    expect(seen).toEqual([]);
  });

  test.each<[string, object, RegExp]>([
    ['a method', { method: 'test.v1.Till/Rin' }, /till\.proto have no call test\.v1\.Till\/Rin/],
    ['a service', { method: 'test.v1.Tell/Ring' }, /have no call test\.v1\.Tell\/Ring/],
    ['a name that every object has', { method: 'test.v1.Till/constructor' }, /have no call/],
    ['a message for a service', { method: 'test.v1.Receipt/Ring' }, /have no call/],
    ['a call that streams requests', { method: 'test.v1.Till/Pour' }, /have no call test\.v1\.Till\/Pour/],
    ['a file', { protoFiles: ['tall.proto'] }, /fixtures\/proto: .*tall\.proto/],
    ['a folder', { protoPath: 'prato' }, /fixtures\/prato: .*till\.proto/],
  ])('%s that there is not is an error of the experiment', async (_, changes, message) => {
    const { address, seen } = await till();
    await expect(send(grpc(changes), address)).rejects.toMatchObject({
      code: 'no-such-method',
      exitCode: 4,
      message: expect.stringMatching(message) as unknown,
    });
    expect(seen).toEqual([]);
  });
});

test('every text has a trace of its own, of the right form', () => {
  const traces = Array.from({ length: 100 }, (_, index) => traceIdOf(`request ${index}`));
  expect(new Set(traces).size).toBe(100);
  for (const trace of traces) expect(traceparent(trace)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(traceIdOf('request 1')).toBe(traces[1]);
});

test('resolving a value leaves everything but texts alone', () => {
  const value = { a: 'x', b: [1, 'x', null, false, [{ c: 'x' }]], x: {} };
  expect(resolveJson(value, (one) => `${one}!`)).toEqual({ a: 'x!', b: [1, 'x!', null, false, [{ c: 'x!' }]], x: {} });
});
