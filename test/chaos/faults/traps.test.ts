import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { type Socket, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Toxic } from '../../../chaos/drivers/toxiproxy.ts';
import type { EdgeTarget } from '../../../chaos/faults/fault-kind.ts';
import type { LatencyFault } from '../../../chaos/faults/latency.ts';
import { toxicFault } from '../../../chaos/faults/toxic.ts';
import { http2Echo, httpEcho } from '../../helpers/echo-servers.ts';
import { until } from '../../helpers/until.ts';
import { listening } from '../tap/tap-fixture.ts';
import { type TestEdge, aFault, testEdge } from './proxied-edge.ts';
import { byteServer, exchange, httpGet, open } from './raw.ts';

const SLOW = aFault({ kind: 'latency', latencyMs: 1_500, jitterMs: 0 }) as LatencyFault;
const LATE_MS = 1_490;

let edge: TestEdge;
afterEach(async () => await edge[Symbol.asyncDispose]());

const target = (): EdgeTarget => ({ proxy: edge.proxy, tap: undefined });

describe('an attribute that the server does not know', () => {
  test('is ignored by it without a word, and no sign is seen of such a fault', async () => {
    edge = await testEdge(httpEcho);
    const misspelt = toxicFault<LatencyFault>(({ latencyMs }) => ({
      type: 'latency',
      attributes: { delay: latencyMs },
    }));
    await misspelt.inject(target(), SLOW);
    expect((await edge.proxy.state()).toxics).toMatchObject([{ attributes: { latency: 0, jitter: 0 } }]);
    expect(await httpGet(edge.listen)).toBeLessThan(LATE_MS);
    expect(await misspelt.sign(target(), SLOW)).toEqual({
      seen: false,
      detail: 'the proxy reports no delay of latency',
    });
    await misspelt.remove(target(), SLOW);
    await edge.expectClean();
  });

  test('neither of one that somebody else has changed', async () => {
    edge = await testEdge(httpEcho);
    const fault = edge.bind(SLOW);
    await fault.inject();
    const toxic: Toxic = {
      name: 'cutover-fault',
      type: 'latency',
      stream: 'downstream',
      toxicity: 0,
      attributes: { latency: 1 },
    };
    await edge.proxy.updateToxic(toxic);
    expect(await fault.sign()).toEqual({
      seen: false,
      detail: 'the proxy reports latency 1, not 1500, toxicity 0, not 1',
    });
    await fault.remove();
    await edge.expectClean();
  });
});

/** A plan has no such slicer: see the plan's own tests. */
test.each([
  ['pieces of no bytes', 0, 0],
  ['pieces that vary by more than they have', 10, 500],
])('a slicer with %s ends the server, and the fault with it', async (_, averageBytes, variationBytes) => {
  edge = await testEdge(() => byteServer(Buffer.alloc(2_000)), 'tcp');
  const fault = edge.bind(aFault({ kind: 'slicer', averageBytes, variationBytes, delayMs: 0 }));
  await fault.inject();
  await until('the server has ended', async () => {
    await exchange(edge.port, Buffer.from('?'), 2_000);
    return edge.server.exit() !== undefined;
  });
  expect(edge.server.exit()).toMatchObject({ code: 2 });
  await expect(fault.sign()).rejects.toMatchObject({ code: 'toxiproxy-unreachable' });
  await expect(fault.remove()).resolves.toBeUndefined();
});

describe('a caller that does not read', () => {
  /** It sends for ever, and says whether anything goes on. */
  async function stuckEdge(): Promise<Socket> {
    let sent = () => 0;
    const server = createServer((socket) => {
      sent = () => socket.bytesWritten;
      const send = (): void => {
        while (socket.write(Buffer.alloc(65_536))) continue;
      };
      socket.on('drain', send).once('data', send);
    });
    edge = await testEdge(() => listening(server), 'tcp');
    await edge.bind(aFault({ kind: 'latency', latencyMs: 10, jitterMs: 0 })).inject();
    const { socket } = await open(edge.port);
    socket.pause();
    socket.write('?');
    await until('all buffers on the way are full', async () => {
      const before = sent();
      await delay(300);
      return before > 0 && sent() === before;
    });
    return socket;
  }

  test('makes the removal of a toxic hang for ever, and the list of proxies; cutover makes the proxy anew', async () => {
    const socket = await stuckEdge();
    const { client } = edge.server;
    const timeout = { code: 'toxiproxy-timeout', reason: 'timeout' };
    await expect(edge.proxy.removeToxic('cutover-fault')).rejects.toMatchObject(timeout);
    await expect(client.listProxies()).rejects.toMatchObject(timeout);
    expect(await client.version()).toMatch(/^2\./);
    await edge.bind(aFault({ kind: 'latency', latencyMs: 10, jitterMs: 0 })).remove();
    await edge.expectClean();
    expect(await client.listProxies()).toHaveLength(1);
    socket.destroy();
    const anew = await exchange(edge.port, Buffer.from('?'), 1);
    expect(anew.ended).toBeUndefined();
  });

  test('makes the deletion of the proxy hang too once a connection comes in: not shown to be gone, after bounded time', async () => {
    const socket = await stuckEdge();
    await expect(edge.proxy.removeToxic('cutover-fault')).rejects.toMatchObject({ reason: 'timeout' });
    const late = await open(edge.port);
    const removing = edge.bind(aFault({ kind: 'latency', latencyMs: 10, jitterMs: 0 })).remove();
    await expect(removing).rejects.toMatchObject({
      code: 'cleanup-unverified',
      exitCode: 5,
      hint: expect.stringContaining('DELETE /proxies/edge: no answer in 2000 ms') as unknown,
    });
    for (const one of [socket, late.socket]) one.destroy();
  });
});

test('a share of connections over HTTP/2 hits all requests of a channel or none', async () => {
  edge = await testEdge(http2Echo, 'grpc');
  await edge.bind(aFault({ ...SLOW, connections: 0.5 })).inject();
  const hitOf50 = async (): Promise<number> => {
    const session = connectHttp2(`http://${edge.listen}`);
    await once(session, 'connect');
    const times = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const startMs = performance.now();
        const stream = session.request({ ':path': '/' }).resume();
        await once(stream, 'end');
        return performance.now() - startMs;
      }),
    );
    session.destroy();
    return times.filter((ms) => ms >= LATE_MS).length;
  };
  // Some of 30 channels are hit and some are not, but for one case in 10^9.
  const hits = await Promise.all(Array.from({ length: 30 }, hitOf50));
  expect(new Set(hits)).toEqual(new Set([0, 50]));
});

describe('a server that stands still', () => {
  test('makes every call end with an error of its own, and goes on afterwards', async () => {
    edge = await testEdge(httpEcho);
    const { client, pid } = edge.server;
    const toxic: Toxic = { name: 't', type: 'latency', stream: 'downstream', toxicity: 1, attributes: { latency: 1 } };
    const address = { name: 'edge', listen: '127.0.0.1:0', upstream: edge.upstream.address };
    process.kill(pid, 'SIGSTOP');
    try {
      const calls = await Promise.allSettled([
        client.version(),
        client.listProxies(),
        client.getProxy('edge'),
        client.createProxy(address),
        client.deleteProxy('none'),
        client.setEnabled('none', false),
        client.addToxic('none', toxic),
        client.updateToxic('none', toxic),
        client.removeToxic('none', 't'),
      ]);
      for (const call of calls) {
        expect(call).toMatchObject({
          status: 'rejected',
          reason: { code: 'toxiproxy-timeout', exitCode: 4, reason: 'timeout' },
        });
        expect(String((call as PromiseRejectedResult).reason)).toContain('no answer in 2000 ms');
      }
      expect(client.refused()).toBe(false);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    expect(await client.version()).toMatch(/^2\./);
    await edge.expectClean();
  });

  test('has a fault that cannot be shown to be gone, nor to be there', async () => {
    edge = await testEdge(httpEcho);
    const fault = edge.bind(SLOW);
    await fault.inject();
    process.kill(edge.server.pid, 'SIGSTOP');
    try {
      await expect(fault.sign()).rejects.toMatchObject({ reason: 'timeout' });
      await expect(fault.remove()).rejects.toMatchObject({ code: 'cleanup-unverified', exitCode: 5 });
    } finally {
      process.kill(edge.server.pid, 'SIGCONT');
    }
  });
});
