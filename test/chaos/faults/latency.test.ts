import { afterEach, describe, expect, test } from 'vitest';
import { http2Echo, httpEcho } from '../../helpers/echo-servers.ts';
import { type TestEdge, aFault, judged, testEdge } from './proxied-edge.ts';
import { type ByteServer, byteServer, exchange, httpGet } from './raw.ts';

/** What was delayed takes at least as long; a timer may fire a little early. */
const LATE_MS = 1_000;
const EARLY_MS = 10;

let edge: TestEdge;
afterEach(async () => await edge[Symbol.asyncDispose]());

describe('a direction', () => {
  let upstream: ByteServer;
  async function setUp(): Promise<void> {
    edge = await testEdge(async () => (upstream = await byteServer(Buffer.from('hello'))), 'tcp');
  }
  /** How long the request was on its way, and how long its reply. */
  async function ways(): Promise<{ readonly requestMs: number; readonly replyMs: number }> {
    const { received, sentMs, lastMs } = await exchange(edge.port, Buffer.from('?'), 5);
    expect(received.toString()).toBe('hello');
    const arrivedMs = upstream.arrivedMs() ?? Number.NaN;
    return { requestMs: arrivedMs - sentMs, replyMs: lastMs - arrivedMs };
  }
  const late = expect.toSatisfy((ms: number) => ms >= LATE_MS - EARLY_MS) as number;
  const prompt = expect.toSatisfy((ms: number) => ms < LATE_MS - EARLY_MS) as number;
  const replies = aFault({ name: 'replies', kind: 'latency', latencyMs: LATE_MS, jitterMs: 0 });
  const requests = aFault({ ...replies, name: 'requests', direction: 'requests' } as never);

  test('of replies', async () => {
    await setUp();
    const fault = edge.bind(replies);
    await fault.inject();
    expect(await ways()).toEqual({ requestMs: prompt, replyMs: late });
    await fault.remove();
    expect(await ways()).toEqual({ requestMs: prompt, replyMs: prompt });
  });

  test('of requests', async () => {
    await setUp();
    const fault = edge.bind(requests);
    await fault.inject();
    expect(await ways()).toEqual({ requestMs: late, replyMs: prompt });
    await fault.remove();
    expect(await ways()).toEqual({ requestMs: prompt, replyMs: prompt });
  });

  test('both at once, each taken away by itself', async () => {
    await setUp();
    const [one, other] = [edge.bind(replies), edge.bind(requests)];
    await one.inject();
    await other.inject();
    expect(await ways()).toEqual({ requestMs: late, replyMs: late });
    await one.remove();
    expect(await ways()).toEqual({ requestMs: late, replyMs: prompt });
    await other.remove();
    await edge.expectClean();
    expect(await ways()).toEqual({ requestMs: prompt, replyMs: prompt });
  });
});

test.each([
  ['http', httpEcho],
  ['grpc', http2Echo],
] as const)('round trips over %s show either direction', async (protocol, start) => {
  edge = await testEdge(start, protocol);
  for (const direction of ['replies', 'requests'] as const) {
    const fault = aFault({ kind: 'latency', latencyMs: 600, jitterMs: 50, direction });
    const bound = edge.bind(fault);
    const before = await edge.probe(fault);
    await bound.inject();
    const during = [await edge.probe(fault)];
    expect(during[0]?.roundTripMs).toBeGreaterThanOrEqual(550 - EARLY_MS);
    await bound.remove();
    const after = await edge.probe(fault);
    expect(judged(fault, { before, during, after })).toMatchObject({ disturbed: true, missing: '' });
    expect(judged(fault, { before, during: [before], after }).disturbed).toBe(false);
  }
});

test('a ramp begins with its first value and goes where it is told to', async () => {
  edge = await testEdge(httpEcho);
  const ramp = { from: 100, to: 1_200 };
  const fault = aFault({ kind: 'latency', latencyMs: 1_200, jitterMs: 0, ramp });
  const bound = edge.bind(fault);
  const latencyNow = async () => (await edge.proxy.state()).toxics.map(({ attributes }) => attributes?.['latency']);
  const before = await edge.probe(fault);
  await bound.inject();
  expect(await latencyNow()).toEqual([100]);
  expect(await httpGet(edge.listen)).toBeGreaterThanOrEqual(100 - EARLY_MS);
  // Whole milliseconds only, or the server refuses it.
  await bound.adjust(650.4);
  expect(await latencyNow()).toEqual([650]);
  await bound.adjust(LATE_MS);
  expect(await httpGet(edge.listen)).toBeGreaterThanOrEqual(LATE_MS - EARLY_MS);
  expect(await bound.sign()).toEqual({ seen: true, detail: expect.stringContaining('"latency":1000') as unknown });
  const during = [await edge.probe(fault)];
  await bound.remove();
  await edge.expectClean();
  expect(judged(fault, { before, during, after: await edge.probe(fault) }).disturbed).toBe(true);
});
