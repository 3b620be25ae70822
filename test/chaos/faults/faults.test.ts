import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ToxiproxyServer, startToxiproxyServer } from '../../../chaos/drivers/toxiproxy-server.ts';
import { type ToxiproxyProxy, ToxiproxyError, createToxiproxyProxy } from '../../../chaos/drivers/toxiproxy.ts';
import { bindFault } from '../../../chaos/faults/bind-fault.ts';
import { type ProbeResult, probeEdge } from '../../../chaos/probe.ts';
import type { EdgeProbe } from '../../../lib/observe/observations.ts';
import type { Fault } from '../../../lib/plan/plan.ts';
import { type EchoServer, http2Echo, httpEcho } from '../../helpers/echo-servers.ts';
import { type TestContext, testContext, testGuard } from '../../helpers/run-context.ts';
import { toxiproxyServerPath } from '../../helpers/toxiproxy.ts';

const WINDOW = { edge: 'edge', startMs: 0, endMs: 1_000 };
const SLOW: Fault = { name: 'slow', ...WINDOW, kind: 'latency', latencyMs: 1_500, jitterMs: 0 };
/** A reply that takes this long was delayed; one that was not takes milliseconds. */
const LATE_MS = 1_490;
const DOWN: Fault = { name: 'gone', ...WINDOW, kind: 'down' };

let context: TestContext;
let guard: ReturnType<typeof testGuard>;
let server: ToxiproxyServer;
let upstream: EchoServer;
let proxy: ToxiproxyProxy;

async function setUp(start: () => Promise<EchoServer>): Promise<void> {
  upstream = await start();
  proxy = await createToxiproxyProxy(
    server.client,
    { name: 'edge', listen: '127.0.0.1:0', upstream: upstream.address },
    () => server.exit() !== undefined,
  );
}

beforeEach(async () => {
  context = await testContext();
  guard = testGuard();
  const logFile = join(context.folder, 'logs', 'toxiproxy.log');
  server = await startToxiproxyServer({ path: await toxiproxyServerPath(), logFile, guard, signal: context.signal });
});
afterEach(async () => {
  await server.stop();
  expect(guard.held).toEqual(new Set());
  await upstream[Symbol.asyncDispose]();
  await context[Symbol.asyncDispose]();
});

/** What a client of the edge sees, apart from the probe: how long one request takes, or why it fails. */
async function httpRequest(): Promise<number | string> {
  const startMs = performance.now();
  try {
    await (await fetch(`http://${proxy.listen}/`)).text();
    return performance.now() - startMs;
  } catch (error) {
    return String(((error as Error).cause as NodeJS.ErrnoException).code);
  }
}

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
  const session = connect(`http://${proxy.listen}`);
  session.on('error', () => {});
  await once(session, 'connect').catch(() => {});
  return session;
}

const probes = (before: ProbeResult, during: ProbeResult): readonly EdgeProbe[] => [
  { atMs: 0, when: 'before', ...before },
  { atMs: 1, when: 'during', ...during },
];

describe('over HTTP', () => {
  beforeEach(() => setUp(httpEcho));
  const probe = (): Promise<ProbeResult> => probeEdge({ listen: proxy.listen, protocol: 'http' }, 5_000);

  test('latency makes replies late until it is removed', async () => {
    const fault = bindFault(proxy, SLOW);
    const before = await probe();
    expect(before).toEqual({ roundTripMs: expect.any(Number) as unknown, error: undefined });
    await fault.inject();
    expect(await httpRequest()).toBeGreaterThanOrEqual(LATE_MS);
    const during = await probe();
    expect(during.roundTripMs).toBeGreaterThanOrEqual(LATE_MS);
    await fault.remove();
    expect((await proxy.state()).toxics).toEqual([]);
    expect(await httpRequest()).toBeLessThan(LATE_MS);
    expect(fault.effect(probes(before, during)).felt).toBe('yes');
    expect(fault.effect(probes(before, before)).felt).toBe('no');
    expect(fault.effect(probes(before, { roundTripMs: undefined, error: 'no answer in 5 ms' })).felt).toBe('unknown');
  });

  test('down refuses connections until it is removed', async () => {
    const fault = bindFault(proxy, DOWN);
    const before = await probe();
    await fault.inject();
    expect(await httpRequest()).toMatch(/ECONNREFUSED|UND_ERR_SOCKET|ECONNRESET/);
    expect(await httpRequest()).toBe('ECONNREFUSED');
    const during = await probe();
    expect(during).toEqual({ roundTripMs: undefined, error: expect.stringContaining('ECONNREFUSED') as unknown });
    await fault.remove();
    expect(await httpRequest()).toEqual(expect.any(Number));
    expect(fault.effect(probes(before, during)).felt).toBe('yes');
    expect(fault.effect(probes(before, before)).felt).toBe('no');
    expect(fault.effect([]).felt).toBe('unknown');
  });
});

describe('over HTTP/2', () => {
  beforeEach(() => setUp(http2Echo));
  const probe = (): Promise<ProbeResult> => probeEdge({ listen: proxy.listen, protocol: 'grpc' }, 5_000);

  test('latency makes replies late on a connection that is open already', async () => {
    const fault = bindFault(proxy, SLOW);
    const session = await http2Session();
    expect(await http2Request(session)).toBeLessThan(LATE_MS);
    const before = await probe();
    await fault.inject();
    expect(await http2Request(session)).toBeGreaterThanOrEqual(LATE_MS);
    const during = await probe();
    await fault.remove();
    expect(await http2Request(session)).toBeLessThan(LATE_MS);
    session.destroy();
    expect(fault.effect(probes(before, during)).felt).toBe('yes');
  });

  test('down cuts open connections and refuses new ones', async () => {
    const fault = bindFault(proxy, DOWN);
    const session = await http2Session();
    await http2Request(session);
    const closed = once(session, 'close');
    await fault.inject();
    await closed;
    const during = await probe();
    expect(during.error).toContain('ECONNREFUSED');
    await fault.remove();
    const anew = await http2Session();
    expect(await http2Request(anew)).toEqual(expect.any(Number));
    anew.destroy();
  });
});

test('a TCP probe sees down, but no latency: the proxy accepts at once', async () => {
  await setUp(httpEcho);
  const target = { listen: proxy.listen, protocol: 'tcp' } as const;
  const late = bindFault(proxy, { ...SLOW, latencyMs: 5_000 });
  await late.inject();
  expect(await probeEdge(target, 4_000)).toEqual({ roundTripMs: expect.any(Number) as unknown, error: undefined });
  await late.remove();
  await bindFault(proxy, DOWN).inject();
  expect((await probeEdge(target, 5_000)).error).toContain('ECONNREFUSED');
});

test.each(['http', 'grpc'] as const)('a %s probe gives up in time, and when told to', async (protocol) => {
  await setUp(httpEcho);
  await bindFault(proxy, { ...SLOW, latencyMs: 60_000 }).inject();
  const target = { listen: proxy.listen, protocol };
  expect(await probeEdge(target, 100)).toEqual({ roundTripMs: undefined, error: 'no answer in 100 ms' });
  const stop = new AbortController();
  const probing = probeEdge(target, 60_000, stop.signal);
  stop.abort();
  expect(await probing).toEqual({ roundTripMs: undefined, error: 'aborted' });
});

describe('removal', () => {
  beforeEach(() => setUp(httpEcho));

  const hang = (): Promise<never> => Promise.reject(new ToxiproxyError('timeout', 'no answer in 2000 ms'));

  test('makes the proxy anew when taking the toxic off hangs', async () => {
    await bindFault(proxy, SLOW).inject();
    const listen = proxy.listen;
    await bindFault({ ...proxy, removeToxic: hang }, SLOW).remove();
    expect(await proxy.state()).toMatchObject({ enabled: true, toxics: [], listen });
  });

  test('makes the proxy anew when the toxic is still there afterwards', async () => {
    await bindFault(proxy, SLOW).inject();
    await bindFault({ ...proxy, removeToxic: async () => {} }, SLOW).remove();
    expect(await proxy.state()).toMatchObject({ enabled: true, toxics: [] });
  });

  test('of a fault that was never injected needs no new proxy', async () => {
    await bindFault({ ...proxy, recreate: hang }, SLOW).remove();
    expect(await proxy.state()).toMatchObject({ enabled: true, toxics: [] });
  });

  test('that cannot be shown is an error of its own', async () => {
    await bindFault(proxy, SLOW).inject();
    const stuck = bindFault({ ...proxy, removeToxic: hang, recreate: hang }, SLOW).remove();
    await expect(stuck).rejects.toMatchObject({ code: 'cleanup-unverified', exitCode: 5 });
    await bindFault(proxy, SLOW).remove();
  });

  test('is shown by the end of the server', async () => {
    const fault = bindFault(proxy, DOWN);
    await fault.inject();
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    await expect(fault.remove()).resolves.toBeUndefined();
  });
});
