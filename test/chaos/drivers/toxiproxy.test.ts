import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../chaos/drivers/free-port.ts';
import { type ToxiproxyServer, startToxiproxyServer } from '../../../chaos/drivers/toxiproxy-server.ts';
import { createToxiproxyProxy, toxiproxyClient } from '../../../chaos/drivers/toxiproxy.ts';
import { type EchoServer, httpEcho } from '../../helpers/echo-servers.ts';
import { type TestContext, testContext, testGuard } from '../../helpers/run-context.ts';
import { toxiproxyServerPath } from '../../helpers/toxiproxy.ts';

let context: TestContext;
let guard: ReturnType<typeof testGuard>;
let upstream: EchoServer;
let server: ToxiproxyServer;

beforeEach(async () => {
  context = await testContext();
  guard = testGuard();
  upstream = await httpEcho();
  const logFile = join(context.folder, 'logs', 'toxiproxy.log');
  server = await startToxiproxyServer({ path: await toxiproxyServerPath(), logFile, guard, signal: context.signal });
});
afterEach(async () => {
  await server.stop();
  expect(guard.held).toEqual(new Set());
  await upstream[Symbol.asyncDispose]();
  await context[Symbol.asyncDispose]();
});

const LATENCY = {
  name: 'slow',
  type: 'latency',
  stream: 'downstream',
  toxicity: 1,
  attributes: { latency: 100, jitter: 5 },
} as const;

describe('a server', () => {
  test('listens on loopback alone, and is gone when stopped', async () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await server.client.version()).toMatch(/^2\./);
    await server.stop();
    await expect(server.client.version()).rejects.toMatchObject({
      code: 'toxiproxy-unreachable',
      reason: 'unreachable',
    });
  });

  test('that does not start is reported with its last lines', async () => {
    const logFile = join(context.folder, 'logs', 'false.log');
    const starting = startToxiproxyServer({ path: '/bin/false', logFile, guard, signal: context.signal });
    await expect(starting).rejects.toMatchObject({
      code: 'toxiproxy-not-started',
      message: expect.stringContaining('exit code 1') as unknown,
    });
  });
});

describe('the client', () => {
  test('makes, reads, changes and deletes a proxy with any name', async () => {
    const { client } = server;
    const name = 'orders pricing ä端?c%20#d\\';
    const made = await client.createProxy({ name, listen: '127.0.0.1:0', upstream: upstream.address });
    expect(made).toMatchObject({ name, enabled: true, toxics: [] });
    expect(made.listen).not.toMatch(/:0$/);
    expect(await (await fetch(`http://${made.listen}/`)).text()).toBe('hello');
    await client.addToxic(name, LATENCY);
    expect(await client.getProxy(name)).toMatchObject({ listen: made.listen, toxics: [LATENCY] });
    await client.removeToxic(name, 'slow');
    expect(await client.setEnabled(name, false)).toMatchObject({ enabled: false, listen: made.listen, toxics: [] });
    expect(await client.setEnabled(name, true)).toMatchObject({ enabled: true, listen: made.listen });
    await client.deleteProxy(name);
    await expect(client.getProxy(name)).rejects.toMatchObject({ reason: 'rejected', status: 404 });
  });

  /** The server takes them, and can then never be asked for them: one that is made would stay. */
  test.each(['a/b?c%20#d', '/', '..', '.', '', 'half of a pair \ud800'])('refuses the name "%s"', async (name) => {
    const { client } = server;
    const unaddressable = { code: 'toxiproxy-unaddressable', reason: 'unaddressable', exitCode: 4 };
    const upstreamAddress = { listen: '127.0.0.1:0', upstream: upstream.address };
    await client.createProxy({ name: 'edge', ...upstreamAddress });
    await client.addToxic('edge', LATENCY);
    const calls = [
      () => client.createProxy({ name, ...upstreamAddress }),
      () => client.getProxy(name),
      () => client.deleteProxy(name),
      () => client.setEnabled(name, false),
      () => client.addToxic(name, LATENCY),
      () => client.addToxic('edge', { ...LATENCY, name }),
      () => client.updateToxic('edge', { ...LATENCY, name }),
      // ".." would be the proxy, with all its toxics.
      () => client.removeToxic('edge', name),
      () => client.removeToxic(name, 'slow'),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject(unaddressable);
    expect(await client.listProxies()).toMatchObject([{ name: 'edge', enabled: true, toxics: [LATENCY] }]);
  });

  test('shows the trap: a proxy of such a name is made, and is then not to be found', async () => {
    const made = await fetch(`${server.url}/proxies`, {
      method: 'POST',
      body: JSON.stringify({ name: 'a/b', listen: '127.0.0.1:0', upstream: upstream.address, enabled: true }),
    });
    expect(made.status).toBe(201);
    expect((await fetch(`${server.url}/proxies/a%2Fb`)).status).toBe(404);
    expect((await fetch(`${server.url}/proxies/a%2Fb`, { method: 'DELETE' })).status).toBe(404);
    expect(await server.client.listProxies()).toMatchObject([{ name: 'a/b' }]);
  });

  test('updates a toxic, in its attributes and its share', async () => {
    const { client } = server;
    await client.createProxy({ name: 'edge', listen: '127.0.0.1:0', upstream: upstream.address });
    await client.addToxic('edge', LATENCY);
    const changed = { ...LATENCY, toxicity: 0.5, attributes: { latency: 7, jitter: 0 } };
    await client.updateToxic('edge', changed);
    expect((await client.getProxy('edge')).toxics).toMatchObject([changed]);
    await expect(client.updateToxic('edge', { ...LATENCY, name: 'none' })).rejects.toMatchObject({ status: 404 });
    // Whole numbers only.
    const fraction = { ...LATENCY, attributes: { latency: 0.5, jitter: 0 } };
    await expect(client.updateToxic('edge', fraction)).rejects.toMatchObject({ reason: 'rejected', status: 400 });
  });

  test('says of every call to a server that has ended that nobody is there', async () => {
    const { client } = server;
    const address = { name: 'edge', listen: '127.0.0.1:0', upstream: upstream.address };
    await client.createProxy(address);
    expect(client.refused()).toBe(false);
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    const calls = await Promise.allSettled([
      client.version(),
      client.listProxies(),
      client.createProxy(address),
      client.getProxy('edge'),
      client.deleteProxy('edge'),
      client.setEnabled('edge', true),
      client.addToxic('edge', LATENCY),
      client.updateToxic('edge', LATENCY),
      client.removeToxic('edge', 'slow'),
    ]);
    for (const call of calls) {
      expect(call).toMatchObject({
        status: 'rejected',
        reason: { code: 'toxiproxy-unreachable', reason: 'unreachable', exitCode: 4 },
      });
    }
    expect(client.refused()).toBe(true);
  });

  test('keeps what the server says is wrong', async () => {
    const { client } = server;
    const address = { name: 'twice', listen: '127.0.0.1:0', upstream: upstream.address };
    await client.createProxy(address);
    await expect(client.createProxy(address)).rejects.toMatchObject({
      code: 'toxiproxy-rejected',
      exitCode: 4,
      status: 409,
      body: expect.stringContaining('already exists') as unknown,
    });
  });

  test('gives up on a call that hangs', async () => {
    const hanging = createServer(() => {});
    hanging.listen(0, '127.0.0.1');
    await once(hanging, 'listening');
    const client = toxiproxyClient(`http://127.0.0.1:${(hanging.address() as AddressInfo).port}`, 50);
    await expect(client.removeToxic('a', 'b')).rejects.toMatchObject({ code: 'toxiproxy-timeout', reason: 'timeout' });
    hanging.closeAllConnections();
    hanging.close();
    await once(hanging, 'close');
  });
});

test('a proxy made anew has the same address and no toxics, also when it was deleted before', async () => {
  const listen = `127.0.0.1:${await freePort()}`;
  const proxy = await createToxiproxyProxy(server.client, { name: 'edge', listen, upstream: upstream.address });
  await proxy.addToxic(LATENCY);
  await proxy.recreate();
  expect(await proxy.state()).toEqual({
    name: 'edge',
    listen,
    upstream: upstream.address,
    enabled: true,
    toxics: [],
    Logger: {},
  });
  await server.client.deleteProxy('edge');
  await proxy.recreate();
  expect(await (await fetch(`http://${listen}/`)).text()).toBe('hello');
});
