import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type EchoServer, http2Echo, httpEcho } from '../../helpers/echo-servers.ts';
import { listening } from '../tap/tap-fixture.ts';
import { type TestEdge, aFault, judged, testEdge } from './proxied-edge.ts';
import { byteServer, exchange, httpGet, open } from './raw.ts';

const EARLY_MS = 10;

let edge: TestEdge;
afterEach(async () => await edge[Symbol.asyncDispose]());

/** Ends each connection as soon as it has a byte from it. */
const endingServer = (): Promise<EchoServer> =>
  listening(createServer((socket) => socket.once('data', () => socket.end('bye'))));

describe('slow-close', () => {
  test('of replies: the end comes late, all before it does not', async () => {
    edge = await testEdge(endingServer, 'tcp');
    const endMs = async () => {
      const { socket, ended } = await open(edge.port);
      const startMs = performance.now();
      socket.write('?');
      const [how] = await Promise.all([ended, once(socket, 'data')]);
      const tookMs = performance.now() - startMs;
      socket.destroy();
      expect(how).toBe('end');
      return tookMs;
    };
    const fault = edge.bind(aFault({ kind: 'slow-close', delayMs: 1_000 }));
    expect(await endMs()).toBeLessThan(1_000 - EARLY_MS);
    await fault.inject();
    expect((await exchange(edge.port, Buffer.from('?'), 3)).ended).toBeUndefined();
    expect(await endMs()).toBeGreaterThanOrEqual(1_000 - EARLY_MS);
    await fault.remove();
    await edge.expectClean();
    expect(await endMs()).toBeLessThan(1_000 - EARLY_MS);
  });

  test.each([
    ['replies', 'http', httpEcho],
    ['requests', 'http', httpEcho],
    ['replies', 'grpc', http2Echo],
  ] as const)('of %s over %s is seen by a look at how long a close takes', async (direction, protocol, start) => {
    edge = await testEdge(start, protocol);
    const fault = aFault({ kind: 'slow-close', delayMs: 700, direction });
    const bound = edge.bind(fault);
    const before = await edge.probe(fault);
    await bound.inject();
    expect(await bound.sign()).toEqual({ seen: true, detail: 'the proxy reports slow_close {"delay":700}' });
    const during = [await edge.probe(fault)];
    expect(during[0]?.roundTripMs).toBeGreaterThanOrEqual(700 - EARLY_MS);
    await bound.remove();
    await edge.expectClean();
    const after = await edge.probe(fault);
    expect(judged(fault, { before, during, after })).toMatchObject({ disturbed: true, missing: '' });
    expect(judged(fault, { before, during: [after], after }).disturbed).toBe(false);
  });
});

describe('timeout', () => {
  test('a black hole: connections stay open, and nothing comes through', async () => {
    const upstream = await byteServer(Buffer.from('hello'));
    edge = await testEdge(async () => upstream, 'tcp');
    const fault = edge.bind(aFault({ kind: 'timeout', closeAfterMs: 0, direction: 'requests' }));
    await fault.inject();
    const { socket, ended } = await open(edge.port);
    socket.write('?');
    expect(await Promise.race([ended, edge.proxy.state().then(() => 'open')])).toBe('open');
    // The connections that it held are no use to anybody: the server cuts them.
    await fault.remove();
    expect(await ended).toBe('end');
    socket.destroy();
    expect(upstream.received()).toBe(0);
    expect((await exchange(edge.port, Buffer.from('?'), 5)).received.toString()).toBe('hello');
    await edge.expectClean();
  });

  test('closes them after a while where it is told to', async () => {
    edge = await testEdge(() => byteServer(Buffer.from('hello')), 'tcp');
    const fault = edge.bind(aFault({ kind: 'timeout', closeAfterMs: 500 }));
    await fault.inject();
    const { socket, ended } = await open(edge.port);
    const startMs = performance.now();
    socket.write('?');
    expect(await ended).toBe('end');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(500 - EARLY_MS);
    socket.destroy();
    await fault.remove();
    await edge.expectClean();
  });

  test.each([
    // A callee that closes its connection is let through that far.
    ['replies', 'http', httpEcho, 'ECONNRESET socket hang up'],
    ['requests', 'http', httpEcho, 'no answer in 300 ms'],
    ['replies', 'grpc', http2Echo, 'no answer in 300 ms'],
  ] as const)('of %s over %s leaves round trips without an answer', async (direction, protocol, start, error) => {
    edge = await testEdge(start, protocol);
    const fault = aFault({ kind: 'timeout', closeAfterMs: 0, direction });
    const bound = edge.bind(fault);
    const before = await edge.probe(fault);
    await bound.inject();
    const during = [await edge.probe(fault, 300)];
    expect(during).toEqual([{ roundTripMs: undefined, error }]);
    await bound.remove();
    await edge.expectClean();
    const after = await edge.probe(fault);
    expect(judged(fault, { before, during, after })).toMatchObject({ disturbed: true, missing: '' });
  });
});

describe('reset', () => {
  test('of a connection that carries something, with a real reset', async () => {
    edge = await testEdge(() => byteServer(Buffer.from('hello')), 'tcp');
    const fault = edge.bind(aFault({ kind: 'reset', afterMs: 0, direction: 'requests' }));
    await fault.inject();
    expect(await exchange(edge.port, Buffer.from('?'), 5)).toMatchObject({
      ended: 'ECONNRESET',
      received: Buffer.of(),
    });
    await fault.remove();
    expect((await exchange(edge.port, Buffer.from('?'), 5)).received.toString()).toBe('hello');
    await edge.expectClean();
  });

  test('after a while', async () => {
    edge = await testEdge(() => byteServer(Buffer.from('hello')), 'tcp');
    const fault = edge.bind(aFault({ kind: 'reset', afterMs: 500 }));
    await fault.inject();
    const startMs = performance.now();
    expect((await exchange(edge.port, Buffer.from('?'), 5)).ended).toBe('ECONNRESET');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(500 - EARLY_MS);
    await fault.remove();
    await edge.expectClean();
  });

  test.each([
    ['http', httpEcho],
    ['grpc', http2Echo],
  ] as const)('over %s leaves round trips without an answer, and says why', async (protocol, start) => {
    edge = await testEdge(start, protocol);
    const fault = aFault({ kind: 'reset', afterMs: 0 });
    const bound = edge.bind(fault);
    const before = await edge.probe(fault);
    await bound.inject();
    const during = [await edge.probe(fault), await edge.probe(fault)];
    for (const { roundTripMs, error } of during) {
      expect(roundTripMs).toBeUndefined();
      expect(error).toMatch(/ECONNRESET|socket hang up/);
    }
    await bound.remove();
    await edge.expectClean();
    const after = await edge.probe(fault);
    expect(judged(fault, { before, during, after })).toMatchObject({ disturbed: true, missing: '' });
    if (protocol === 'http') expect(await httpGet(edge.listen)).toEqual(expect.any(Number));
  });
});
