import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { systemSchema } from '../../lib/plan/schema/system.ts';
import { findPortHolder } from '../../lib/provision/port-holder.ts';
import { assignPorts } from '../../lib/provision/ports.ts';

test('gives every named port a number of its own', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `port-${index}`);
  const system = systemSchema.parse({
    services: {
      a: { process: { command: ['a'] }, ports: names },
      b: { process: { command: ['b'] }, ports: names },
      elsewhere: { url: 'http://127.0.0.1:1' },
    },
  });
  const ports = await assignPorts(system);
  expect([...ports.keys()]).toEqual([...names.map((name) => `a.${name}`), ...names.map((name) => `b.${name}`)]);
  expect(new Set(ports.values()).size).toBe(80);
});

test('names a fixed port that is taken, its service and who holds it', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const system = systemSchema.parse({
    services: { shop: { process: { command: ['shop'] }, ports: { http: port } } },
  });
  try {
    await expect(assignPorts(system)).rejects.toMatchObject({
      code: 'port-taken',
      message: expect.stringMatching(new RegExp(`port ${port} .*"http".* service "shop" is taken`)) as unknown,
    });
  } finally {
    server.close();
    await once(server, 'close');
  }
  expect(await assignPorts(system)).toEqual(new Map([['shop.http', port]]));
});

test.runIf(process.platform === 'linux')('finds who listens on a port', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(findPortHolder(port)).toMatch(new RegExp(`^pid ${process.pid} \\(`));
  server.close();
  await once(server, 'close');
  expect(findPortHolder(port)).toBeUndefined();
});
