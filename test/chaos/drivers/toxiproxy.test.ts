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
    const name = 'orders pricing ä?#%';
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
