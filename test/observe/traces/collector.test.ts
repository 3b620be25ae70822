import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Client, Metadata, type ServiceError, credentials, status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { type Collector, type Export, startCollector } from '../../../lib/observe/traces/collector.ts';
import { BadExport } from '../../../lib/observe/traces/export.ts';
import { decodeOtlpJson } from '../../../lib/observe/traces/otlp-json.ts';
import { otlpProtobufDecoder } from '../../../lib/observe/traces/otlp-protobuf.ts';
import { spanStore } from '../../../lib/observe/traces/span-store.ts';
import { until } from '../../helpers/until.ts';
import { type TestSpan, encodeSpans, jsonSpans, spanId, traceId } from './otlp.ts';

const SPANS: readonly TestSpan[] = [
  {
    traceId: traceId(0xabc),
    spanId: spanId(1),
    parentId: spanId(9),
    service: 'shop',
    name: 'buy',
    kind: 'server',
    startMs: 1_700_000_000_123,
    endMs: 1_700_000_000_456,
    events: ['breaker open'],
  },
  {
    traceId: traceId(0xabc),
    spanId: spanId(2),
    parentId: spanId(1),
    service: 'stock',
    name: 'take',
    kind: 'client',
    failure: 'UNAVAILABLE',
  },
];

async function collecting() {
  const decode = otlpProtobufDecoder();
  const store = spanStore();
  const collector = await startCollector(({ body, encoding }) =>
    store.add(encoding === 'json' ? decodeOtlpJson(body) : decode(body)),
  );
  return { store, collector, [Symbol.asyncDispose]: () => collector[Symbol.asyncDispose]() };
}

function post({ http }: Collector, init: RequestInit = {}, path = '/v1/traces'): Promise<Response> {
  return fetch(`http://${http}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: encodeSpans(SPANS) as NonNullable<RequestInit['body']>,
    signal: AbortSignal.timeout(5_000),
    ...init,
  });
}

/** One call with the real client; its status. */
async function call(
  { grpc }: Collector,
  body: Buffer,
  { gzip = false, signal = 'trace', timeoutMs = 5_000 } = {},
): Promise<number> {
  const client = new Client(grpc, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    ...(gzip ? { 'grpc.default_compression_algorithm': 2 } : {}),
  });
  const service = { trace: 'Trace', metrics: 'Metrics', logs: 'Logs' }[signal] ?? '';
  try {
    return await new Promise((resolve) => {
      client.makeUnaryRequest(
        `/opentelemetry.proto.collector.${signal}.v1.${service}Service/Export`,
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        body,
        new Metadata(),
        { deadline: Date.now() + timeoutMs },
        (error: ServiceError | null) => resolve(error === null ? status.OK : error.code),
      );
    });
  } finally {
    client.close();
  }
}

const EXPECTED = [
  {
    traceId: traceId(0xabc),
    spanId: spanId(1),
    parentId: spanId(9),
    service: 'shop',
    name: 'buy',
    kind: 'server',
    startMs: expect.closeTo(1_700_000_000_123, 1) as unknown,
    endMs: expect.closeTo(1_700_000_000_456, 1) as unknown,
    failure: undefined,
    events: ['breaker open'],
  },
  expect.objectContaining({ spanId: spanId(2), service: 'stock', kind: 'client', failure: 'UNAVAILABLE' }) as unknown,
];

describe('spans are taken', () => {
  test.each<readonly [string, (collector: Collector) => Promise<number>]>([
    ['over HTTP in protobuf', async (to) => (await post(to)).status],
    [
      'over HTTP in protobuf, gzip',
      async (to) =>
        (
          await post(to, {
            headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' },
            body: gzipSync(encodeSpans(SPANS)) as NonNullable<RequestInit['body']>,
          })
        ).status,
    ],
    [
      'over HTTP in JSON',
      async (to) =>
        (await post(to, { headers: { 'content-type': 'application/json; charset=utf-8' }, body: jsonSpans(SPANS) }))
          .status,
    ],
    ['over gRPC', async (to) => 200 + (await call(to, encodeSpans(SPANS)))],
    ['over gRPC, gzip', async (to) => 200 + (await call(to, encodeSpans(SPANS), { gzip: true }))],
  ])('%s', async (_, send) => {
    await using at = await collecting();
    expect(await send(at.collector)).toBe(200);
    expect(at.store.of(traceId(0xabc))).toEqual(EXPECTED);
    expect(at.store.received()).toMatchObject({
      spans: 2,
      duplicates: 0,
      invalid: 0,
      byService: { shop: 1, stock: 1 },
    });
  });

  test('metrics and logs are taken, too, and thrown away', async () => {
    await using at = await collecting();
    expect((await post(at.collector, {}, '/v1/metrics')).status).toBe(200);
    expect(await call(at.collector, Buffer.from('?'), { signal: 'logs' })).toBe(status.OK);
    expect(at.store.received().spans).toBe(0);
  });
});

describe('anything else is refused', () => {
  test.each<readonly [string, (collector: Collector) => Promise<number>, number]>([
    ['another path', async (to) => (await post(to, {}, '/')).status, 404],
    ['GET', async (to) => (await post(to, { method: 'GET', body: null })).status, 405],
    ['another type', async (to) => (await post(to, { headers: { 'content-type': 'text/plain' } })).status, 415],
    ['no protobuf', async (to) => (await post(to, { body: 'hello' })).status, 400],
    [
      'no JSON',
      async (to) => (await post(to, { headers: { 'content-type': 'application/json' }, body: '{' })).status,
      400,
    ],
    [
      'other JSON',
      async (to) =>
        (await post(to, { headers: { 'content-type': 'application/json' }, body: '{"resourceSpans":7}' })).status,
      400,
    ],
    [
      'no gzip',
      async (to) =>
        (await post(to, { headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' } })).status,
      400,
    ],
    ['no protobuf over gRPC', async (to) => await call(to, Buffer.from('hello')), status.INVALID_ARGUMENT],
  ])('%s', async (_, send, expected) => {
    await using at = await collecting();
    expect(await send(at.collector)).toBe(expected);
    expect(at.store.received().spans).toBe(0);
    expect((await post(at.collector)).status).toBe(200);
  });
});

test('a collector that hangs takes connections and never answers', async () => {
  await using at = await collecting();
  await at.collector.set('hanging');
  const stop = new AbortController();
  const http = post(at.collector, { signal: stop.signal }).catch(() => 'none');
  const grpc = call(at.collector, encodeSpans(SPANS), { timeoutMs: 300 });
  await until('both are held', () => at.collector.held() >= 2);
  expect(await grpc).not.toBe(status.OK);
  stop.abort();
  expect(await http).toBe('none');
  expect(at.store.received().spans).toBe(0);
});

test('one that is down refuses connections, and is back at the same ports', async () => {
  await using at = await collecting();
  const { http, grpc } = at.collector;
  await at.collector.set('closed');
  for (const address of [http, grpc]) {
    const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  }
  await at.collector.set('open');
  expect(at.collector).toMatchObject({ http, grpc });
  expect((await post(at.collector)).status).toBe(200);
  expect(await call(at.collector, encodeSpans(SPANS))).toBe(status.OK);
});

test('connections from before are cut when it hangs, and when it is back', async () => {
  await using at = await collecting();
  const socket = connect(Number(at.collector.http.split(':')[1]), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  await until('it is taken', () => socket.readyState === 'open');
  const closed = once(socket, 'close');
  await at.collector.set('hanging');
  await closed;
  const held = connect(Number(at.collector.http.split(':')[1]), '127.0.0.1');
  held.on('error', () => {});
  await until('it is held', () => at.collector.held() === 1);
  const ended = once(held, 'close');
  await at.collector.set('open');
  await ended;
  expect((await post(at.collector)).status).toBe(200);
});

test('a port that is taken is told', async () => {
  await using at = await collecting();
  const port = Number(at.collector.http.split(':')[1]);
  await expect(startCollector(() => {}, { http: port })).rejects.toMatchObject({ code: 'port-in-use' });
});

test('what the receiver of spans throws is told the sender, and the next one is served', async () => {
  const seen: Export[] = [];
  await using collector = await startCollector((exported) => {
    seen.push(exported);
    if (seen.length === 1) throw new BadExport('not today');
  });
  const refused = await post(collector);
  expect([refused.status, await refused.text()]).toEqual([400, 'not today\n']);
  expect((await post(collector)).status).toBe(200);
});

describe('the store of spans', () => {
  const decode = otlpProtobufDecoder();

  test('keeps each once', () => {
    const store = spanStore();
    store.add(decode(encodeSpans(SPANS)));
    store.add(decode(encodeSpans(SPANS)));
    expect(store.received()).toMatchObject({ spans: 4, duplicates: 2 });
    expect(store.of(traceId(0xabc))).toHaveLength(2);
  });

  test('counts what has no valid ids', () => {
    const store = spanStore();
    const bad = [
      { traceId: traceId(0), spanId: spanId(1) },
      { traceId: traceId(1), spanId: spanId(0) },
      { traceId: 'abcd', spanId: spanId(1) },
    ];
    store.add(decode(encodeSpans(bad)));
    expect(store.received()).toMatchObject({ spans: 3, invalid: 3 });
    expect([...store.traces()]).toEqual([]);
  });

  test('is bounded, and tells what did not fit', () => {
    const store = spanStore(10);
    store.add(
      decode(
        encodeSpans(Array.from({ length: 25 }, (_, index) => ({ traceId: traceId(1), spanId: spanId(index + 1) }))),
      ),
    );
    expect(store.received()).toMatchObject({ spans: 25, dropped: 15 });
    expect(store.of(traceId(1))).toHaveLength(10);
  });
});
