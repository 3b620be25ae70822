import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ToxiproxyError } from '../../../chaos/drivers/toxiproxy.ts';
import { bindFault } from '../../../chaos/faults/bind-fault.ts';
import type { ConnectionFault } from '../../../chaos/faults/fault.ts';
import { EDGE_KINDS, SERVICE_KINDS, describeFault, probeOf } from '../../../chaos/faults/kinds.ts';
import { probeEdge } from '../../../chaos/probe.ts';
import type { Fault } from '../../../lib/plan/plan.ts';
import { http2Echo, httpEcho } from '../../helpers/echo-servers.ts';
import { type TestEdge, aFault, judged, testEdge } from './proxied-edge.ts';
import { httpGet } from './raw.ts';

const SLOW = aFault({ name: 'slow', kind: 'latency', latencyMs: 1_500, jitterMs: 0 });
/** A reply that takes this long was delayed; one that was not takes milliseconds. */
const LATE_MS = 1_490;
const DOWN = aFault({ name: 'gone', kind: 'down' });

let edge: TestEdge;
afterEach(async () => await edge[Symbol.asyncDispose]());

async function http2Request(session: ClientHttp2Session): Promise<number | string> {
  const startMs = performance.now();
  try {
    const stream = session.request({ ':path': '/' });
    await once(stream, 'response');
    expect(await text(stream)).toBe('hello');
    return performance.now() - startMs;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

async function http2Session(): Promise<ClientHttp2Session> {
  const session = connect(`http://${edge.listen}`);
  session.on('error', () => {});
  await once(session, 'connect').catch(() => {});
  return session;
}

describe('over HTTP', () => {
  beforeEach(async () => void (edge = await testEdge(httpEcho)));

  test('latency makes replies late until it is removed', async () => {
    const fault = edge.bind(SLOW);
    const before = await edge.probe(SLOW);
    expect(before).toEqual({ roundTripMs: expect.any(Number) as unknown, error: undefined });
    await fault.inject();
    expect(await httpGet(edge.listen)).toBeGreaterThanOrEqual(LATE_MS);
    const during = await edge.probe(SLOW);
    expect(during.roundTripMs).toBeGreaterThanOrEqual(LATE_MS);
    await fault.remove();
    await edge.expectClean();
    expect(await httpGet(edge.listen)).toBeLessThan(LATE_MS);
    const after = await edge.probe(SLOW);
    expect(judged(SLOW, { before, during: [during], after }).disturbed).toBe(true);
    expect(judged(SLOW, { before, during: [before], after }).disturbed).toBe(false);
    expect(judged(SLOW, { before, during: [during], after: during }).disturbed).toBe(false);
  });

  test('down refuses connections until it is removed', async () => {
    const fault = edge.bind(DOWN);
    const before = await edge.probe(DOWN);
    await fault.inject();
    expect(await httpGet(edge.listen)).toBe('ECONNREFUSED');
    const during = await edge.probe(DOWN);
    expect(during).toEqual({ roundTripMs: undefined, error: expect.stringContaining('ECONNREFUSED') as unknown });
    expect(await fault.sign()).toBeUndefined();
    await fault.remove();
    expect(await httpGet(edge.listen)).toEqual(expect.any(Number));
    const after = await edge.probe(DOWN);
    expect(judged(DOWN, { before, during: [during], after }).disturbed).toBe(true);
    expect(judged(DOWN, { before, during: [before], after }).disturbed).toBe(false);
    expect(judged(DOWN, { before, during: [], after }).disturbed).toBe(false);
  });
});

describe('over HTTP/2', () => {
  beforeEach(async () => void (edge = await testEdge(http2Echo, 'grpc')));

  test('latency makes replies late on a connection that is open already', async () => {
    const fault = edge.bind(SLOW);
    const session = await http2Session();
    expect(await http2Request(session)).toBeLessThan(LATE_MS);
    const before = await edge.probe(SLOW);
    await fault.inject();
    expect(await http2Request(session)).toBeGreaterThanOrEqual(LATE_MS);
    const during = [await edge.probe(SLOW)];
    await fault.remove();
    expect(await http2Request(session)).toBeLessThan(LATE_MS);
    session.destroy();
    expect(judged(SLOW, { before, during, after: await edge.probe(SLOW) }).disturbed).toBe(true);
  });

  test('down cuts open connections and refuses new ones', async () => {
    const fault = edge.bind(DOWN);
    const session = await http2Session();
    await http2Request(session);
    const closed = once(session, 'close');
    await fault.inject();
    await closed;
    expect((await edge.probe(DOWN)).error).toContain('ECONNREFUSED');
    await fault.remove();
    const anew = await http2Session();
    expect(await http2Request(anew)).toEqual(expect.any(Number));
    anew.destroy();
  });
});

test('a TCP probe sees down, but no latency: the proxy accepts at once', async () => {
  edge = await testEdge(httpEcho, 'tcp');
  const late = edge.bind({ ...SLOW, latencyMs: 5_000 } as Fault);
  await late.inject();
  expect(await edge.probe(SLOW, 4_000)).toEqual({ roundTripMs: expect.any(Number) as unknown, error: undefined });
  await late.remove();
  await edge.bind(DOWN).inject();
  expect((await edge.probe(DOWN)).error).toContain('ECONNREFUSED');
});

test.each(['http', 'grpc'] as const)('a %s probe gives up in time, and when told to', async (protocol) => {
  edge = await testEdge(httpEcho, protocol);
  await edge.bind({ ...SLOW, latencyMs: 60_000 } as Fault).inject();
  const target = { listen: edge.listen, protocol };
  expect(await probeEdge(target, 100)).toEqual({ roundTripMs: undefined, error: 'no answer in 100 ms' });
  const stop = new AbortController();
  const probing = probeEdge(target, 60_000, stop.signal);
  stop.abort();
  expect(await probing).toEqual({ roundTripMs: undefined, error: 'aborted' });
});

const EVERY_KIND: readonly [fault: ConnectionFault, sign: string, described: string][] = [
  [
    aFault({ kind: 'latency', latencyMs: 50, jitterMs: 5, direction: 'requests' }),
    'latency {"latency":50,"jitter":5}',
    'latency 50ms ± 5ms of requests on edge',
  ],
  [
    aFault({ kind: 'bandwidth', bytesPerSecond: 2_000, connections: 0.25 }),
    'bandwidth {"rate":2}',
    'bandwidth 2 kB/s for replies on edge',
  ],
  [aFault({ kind: 'slow-close', delayMs: 50 }), 'slow_close {"delay":50}', 'connections close 50ms late on edge'],
  [
    aFault({ kind: 'timeout', closeAfterMs: 50 }),
    'timeout {"timeout":50}',
    'nothing comes through, connections are closed after 50ms on edge',
  ],
  [aFault({ kind: 'reset', afterMs: 50 }), 'reset_peer {"timeout":50}', 'connections are reset after 50ms on edge'],
  [
    aFault({ kind: 'slicer', averageBytes: 50, variationBytes: 10, delayMs: 1.5 }),
    'slicer {"average_size":50,"size_variation":10,"delay":1500}',
    'replies in pieces of 50 ± 10 bytes, 1.5ms apart on edge',
  ],
  [
    aFault({ kind: 'limit-data', bytes: 50, direction: 'requests', connections: 1 / 3 }),
    'limit_data {"bytes":50}',
    'connections are closed after 50 bytes of requests on edge',
  ],
  [DOWN, '', 'down on edge'],
  [aFault({ kind: 'flapping', downMs: 50, upMs: 100 }), '', 'down for 50ms, up for 100ms, in turn on edge'],
];

describe('every kind', () => {
  test('is in this table', () => {
    const kinds = Object.keys(EDGE_KINDS).filter((kind) => !kind.startsWith('request-'));
    expect(EVERY_KIND.map(([{ kind }]) => kind)).toEqual(kinds);
    for (const [name, kind] of [...Object.entries(EDGE_KINDS), ...Object.entries(SERVICE_KINDS)]) {
      expect(kind.kind).toBe(name);
      // Something has to prove it.
      expect('probe' in kind || 'sign' in kind).toBe(true);
    }
  });

  test.each(EVERY_KIND)('twice in a row, in force and verified gone: $kind', async (fault, sign, described) => {
    edge = await testEdge(httpEcho);
    const bound = edge.bind(fault);
    const isToxic = sign !== '';
    const clean = await edge.proxy.state();
    expect(describeFault(fault)).toBe(described);
    if (isToxic) expect(await bound.sign()).toMatchObject({ seen: false, detail: expect.stringContaining('has no') });
    for (const round of [1, 2]) {
      await bound.inject();
      const { enabled, toxics } = await edge.proxy.state();
      expect([round, enabled, toxics.map(({ name }) => name)]).toEqual([
        round,
        isToxic,
        isToxic ? ['cutover-fault'] : [],
      ]);
      expect(await bound.sign()).toEqual(isToxic ? { seen: true, detail: `the proxy reports ${sign}` } : undefined);
      await bound.remove();
      expect(await edge.proxy.state()).toEqual(clean);
      expect(await httpGet(edge.listen)).toEqual(expect.any(Number));
    }
    // Once more does no harm: nobody knows whether the first time got through.
    await bound.remove();
    expect(await edge.proxy.state()).toEqual(clean);
  });

  test('on something that is not there is an error', () => {
    const nothing = { edges: new Map(), services: new Map(), tap: undefined };
    expect(() => bindFault(SLOW, nothing)).toThrow(expect.objectContaining({ code: 'no-such-edge' }));
    const killed: Fault = { name: 'k', service: 'shop', kind: 'kill', startMs: 0, endMs: 1 };
    expect(() => bindFault(killed, nothing)).toThrow(expect.objectContaining({ code: 'no-such-service' }));
  });
});

test('a share of the connections is hit, and the others are not', async () => {
  edge = await testEdge(httpEcho);
  const some = aFault({ kind: 'latency', latencyMs: 1_500, jitterMs: 0, connections: 0.5 });
  // A round trip of the harness's own may be spared, and is no proof.
  expect(probeOf(some)).toBeUndefined();
  const fault = edge.bind(some);
  const hits = async () => {
    const times = await Promise.all(Array.from({ length: 60 }, async () => await httpGet(edge.listen)));
    return times.filter((ms) => typeof ms === 'string' || ms >= LATE_MS).length;
  };
  await fault.inject();
  expect(await fault.sign()).toMatchObject({ seen: true });
  // All or none of 60 by mere chance: once in 10^18.
  const hit = await hits();
  expect(hit).toBeGreaterThan(0);
  expect(hit).toBeLessThan(60);
  await fault.remove();
  expect(await hits()).toBe(0);
});

describe('removal', () => {
  beforeEach(async () => void (edge = await testEdge(httpEcho)));

  const hang = (): Promise<never> => Promise.reject(new ToxiproxyError('timeout', 'no answer in 2000 ms'));

  test('makes the proxy anew when taking the toxic off hangs', async () => {
    await edge.bind(SLOW).inject();
    await edge.bind(SLOW, { removeToxic: hang }).remove();
    expect(await edge.proxy.state()).toMatchObject({ enabled: true, toxics: [], listen: edge.listen });
  });

  test('makes the proxy anew when the toxic is still there afterwards', async () => {
    await edge.bind(SLOW).inject();
    await edge.bind(SLOW, { removeToxic: async () => {} }).remove();
    expect(await edge.proxy.state()).toMatchObject({ enabled: true, toxics: [], listen: edge.listen });
  });

  test('of a fault that was never injected needs no new proxy', async () => {
    await edge.bind(SLOW, { recreate: hang }).remove();
    expect(await edge.proxy.state()).toMatchObject({ enabled: true, toxics: [], listen: edge.listen });
  });

  test('that cannot be shown is an error of its own', async () => {
    await edge.bind(SLOW).inject();
    const stuck = edge.bind(SLOW, { removeToxic: hang, recreate: hang }).remove();
    await expect(stuck).rejects.toMatchObject({ code: 'cleanup-unverified', exitCode: 5 });
    await edge.bind(SLOW).remove();
  });

  test('is shown by the end of the server', async () => {
    const fault = edge.bind(DOWN);
    await fault.inject();
    process.kill(edge.server.pid, 'SIGKILL');
    await edge.server.exited;
    await expect(fault.remove()).resolves.toBeUndefined();
  });
});
