import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isGroupGone } from '../../chaos/drivers/process-group.ts';
import { identify } from '../../chaos/drivers/process-table.ts';
import { type Warden, startWarden } from '../../chaos/warden.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { systemSchema } from '../../lib/plan/schema/system.ts';
import { type ProvisionedSystem, provision } from '../../lib/provision/provision.ts';
import { type TestContext, testContext } from '../helpers/run-context.ts';
import { toxiproxyServerPath } from '../helpers/toxiproxy.ts';
import { until } from '../helpers/until.ts';

const SERVICE = fileURLToPath(new URL('fixtures/service.mjs', import.meta.url));
const READY = { http: 'http://{{shop.http}}/readyz' };

let context: TestContext;
let warden: Warden;
beforeEach(async () => {
  context = await testContext();
  warden = await startWarden();
});
afterEach(async () => {
  await warden[Symbol.asyncDispose]();
  await context[Symbol.asyncDispose]();
});

const run = (...words: string[]): string[] => [process.execPath, SERVICE, ...words];

function planOf(system: object, traffic: Plan['traffic'] = {}): Plan {
  return {
    version: 1,
    experiment: 'test',
    description: '',
    seed: 1,
    root: '/',
    system: systemSchema.parse(system),
    traffic,
    load: { scenario: '', env: {}, phases: [], steady: 'steady', maxVUs: 1, recordWrites: false },
    faults: [],
    drills: [],
    budgets: [],
  };
}

async function start(system: object, traffic?: Plan['traffic']): Promise<ProvisionedSystem> {
  return await provision({
    plan: planOf(system, traffic),
    context,
    toxiproxyServer: await toxiproxyServerPath(),
    warden,
  });
}

/** Ids of every process that was started, by the journal. */
const startedPids = (): number[] =>
  context.journalled.flatMap(({ type, data }) => (type.endsWith('-started') ? [Number(data['pid'])] : []));

describe('provision', () => {
  test('leaves nothing of a system of which one service dies at its start', async () => {
    const system = await start({
      services: {
        shop: {
          process: {
            // Starts before the engine it calls, and finds it through the edge's proxy.
            command: run('write-env', '{{data}}/env.json', 'listen', '{{shop.http}}'),
            env: { ENGINE: 'http://{{edge.shop-engine}}', CACHE: '{{cache}}' },
          },
          ports: ['http'],
          ready: READY,
          metrics: 'http://{{shop.http}}/metrics',
        },
        engine: {
          process: {
            command: ['{{artifact}}'],
            env: { REPLY: 'engine' },
            build: {
              command: [
                'sh',
                '-c',
                `printf '#!/bin/sh\\nexec "%s" "%s" listen "$1"\\n' '${process.execPath}' '${SERVICE}' > "$OUT" && chmod +x "$OUT"`,
              ],
              env: { OUT: '{{cache}}/../engine' },
              artifact: '{{cache}}/../engine',
            },
          },
          ports: ['http'],
        },
      },
      edges: { 'shop-engine': { from: 'shop', to: 'engine.http', protocol: 'http' } },
    }).catch((error: unknown) => error);
    // The artifact is a script that needs its address as an argument: the engine dies, and all is gone again.
    expect(system).toMatchObject({
      code: 'service-died',
      message: expect.stringContaining('service "engine"') as unknown,
    });
    expect(startedPids()).toHaveLength(3);
    for (const pid of startedPids()) expect(isGroupGone(identify(pid))).toBe(true);
  });

  test('resolves, proxies, observes and stops', async () => {
    const system = await start({
      services: {
        shop: {
          process: {
            command: run('write-env', '{{data}}/env.json', 'listen', '{{shop.http}}'),
            env: { ENGINE: 'http://{{edge.shop-engine}}', CACHE: '{{cache}}' },
          },
          ports: ['http'],
          ready: READY,
          metrics: 'http://{{shop.http}}/metrics',
        },
        engine: {
          process: {
            command: ['{{artifact}}', SERVICE, 'listen', '{{engine.http}}'],
            env: { REPLY: 'engine' },
            build: {
              command: ['ln', '-sf', process.execPath, '{{cache}}/node'],
              artifact: '{{cache}}/node',
            },
          },
          ports: ['http'],
        },
      },
      edges: { 'shop-engine': { from: 'shop', to: 'engine.http', protocol: 'http' } },
    });
    const shop = system.resolve('http://{{shop.http}}');
    expect(await (await fetch(shop)).text()).toBe('hello');
    const env = JSON.parse(await readFile(join(context.folder, 'data', 'shop', 'env.json'), 'utf8')) as Record<
      string,
      string
    >;
    const edge = system.edges.get('shop-engine');
    expect(env).toMatchObject({ ENGINE: `http://${edge?.listen}`, CACHE: context.cacheDir });
    expect(await (await fetch(`http://${edge?.listen}/`)).text()).toBe('engine');
    expect(edge).toMatchObject({ protocol: 'http', upstream: system.resolve('{{engine.http}}') });
    expect(system.services).toMatchObject([
      { name: 'shop', pid: expect.any(Number) as unknown, metricsUrl: `${shop}/metrics` },
      { name: 'engine', pid: expect.any(Number) as unknown, metricsUrl: undefined },
    ]);
    const leaders = [...system.services.map(({ pid }) => pid), system.toxiproxyPid].map((pid) => identify(pid ?? 0));
    expect(leaders.map(isGroupGone)).toEqual([false, false, false]);
    const incidents: unknown[] = [];
    system.onIncident((incident) => incidents.push(incident));
    await system[Symbol.asyncDispose]();
    expect(leaders.map(isGroupGone)).toEqual([true, true, true]);
    expect(await system.services[0]?.exited).toMatchObject({ expected: true });
    expect(incidents).toEqual([]);
    const stopped = context.journalled.filter(({ type }) => type === 'service-stopped');
    expect(stopped.map(({ data }) => data['service'])).toEqual(['engine', 'shop']);
  });

  test('tells of a service, and of Toxiproxy, that ended by itself, with the last lines', async () => {
    await using system = await start({
      services: {
        shop: { process: { command: run('say', 'last-words', 'listen', '{{shop.http}}') }, ports: ['http'] },
      },
      edges: { front: { from: 'client', to: 'shop.http' } },
    });
    const incidents: { source: string; message: string }[] = [];
    system.onIncident((incident) => incidents.push(incident));
    process.kill(system.services[0]?.pid ?? 0, 'SIGKILL');
    expect(await system.services[0]?.exited).toMatchObject({ source: 'shop', expected: false });
    process.kill(system.toxiproxyPid ?? 0, 'SIGKILL');
    await until('both are told of', () => incidents.length === 2);
    expect(incidents).toEqual([
      { source: 'shop', message: expect.stringMatching(/ended by itself \(signal SIGKILL\)[^]*last-words/) as unknown },
      { source: 'toxiproxy', message: expect.stringContaining('signal SIGKILL') as unknown },
    ]);
    const late: unknown[] = [];
    system.onIncident((incident) => late.push(incident));
    expect(late).toEqual(incidents);
  });

  test('stops everything when one service does not get ready', async () => {
    const failing = start({
      services: {
        shop: { process: { command: run('listen', '{{shop.http}}') }, ports: ['http'], ready: READY },
        bad: { process: { command: run('say', 'no-config', 'exit', '3') }, ready: { tcp: '127.0.0.1:1' } },
      },
      edges: { front: { from: 'client', to: 'shop.http' } },
    });
    await expect(failing).rejects.toMatchObject({
      code: 'service-died',
      message: expect.stringContaining('no-config') as unknown,
    });
    expect(startedPids().length).toBeGreaterThanOrEqual(3);
    for (const pid of startedPids()) expect(isGroupGone(identify(pid))).toBe(true);
  });

  test('stops everything when the run is stopped', async () => {
    const starting = start({
      services: {
        shop: { process: { command: run('listen', '{{shop.http}}', 'not-ready') }, ports: ['http'], ready: READY },
      },
    });
    await until('it is started', () => startedPids().length === 1);
    context.abort();
    await expect(starting).rejects.toMatchObject({ code: 'aborted', exitCode: 130 });
    for (const pid of startedPids()) expect(isGroupGone(identify(pid))).toBe(true);
  });

  test('starts nothing when a build fails, and ends the other builds', async () => {
    const build = (script: string) => ({
      process: {
        command: ['{{artifact}}'],
        build: { command: ['sh', '-c', script], artifact: `/nowhere/${script.length}` },
      },
    });
    const failing = start({ services: { slow: build('sleep 60'), bad: build('echo broken; exit 1') } });
    await expect(failing).rejects.toMatchObject({
      code: 'build-failed',
      message: expect.stringMatching(/service "bad"[^]*broken/) as unknown,
    });
    expect(startedPids()).toEqual([]);
  });

  test('refuses an edge whose fixed address is taken', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const listen = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const failing = start({
      services: { shop: { process: { command: run('listen', '{{shop.http}}') }, ports: ['http'] } },
      edges: { front: { from: 'client', to: 'shop.http', listen } },
    });
    await expect(failing).rejects.toMatchObject({
      code: 'port-taken',
      message: expect.stringContaining(`${listen} of edge "front"`) as unknown,
    });
    server.close();
    await once(server, 'close');
  });
});

describe('a service that runs already', () => {
  test('is reached, and traffic is moved with its switch', async () => {
    let share = 0;
    const server = createServer((request, response) => {
      if (request.method === 'PUT') share = Number(request.url?.split('/').at(-1));
      response.end(JSON.stringify({ share }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const system = await start(
      {
        services: { shop: { url: `${url}/` } },
        trafficSwitch: {
          capabilities: ['pricing'],
          set: { method: 'PUT', url: '{{shop}}/{{capability}}/{{share}}' },
          read: { url: '{{shop}}/', pointer: '/share' },
        },
      },
      { pricing: { canary: 25 } },
    );
    expect(share).toBe(25);
    expect(system.resolve('{{shop}}/x')).toBe(`${url}/x`);
    expect(system.services).toEqual([{ name: 'shop', pid: undefined, metricsUrl: undefined, exited: undefined }]);
    expect(system.toxiproxyPid).toBeUndefined();
    await system[Symbol.asyncDispose]();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  test('that does not answer is reported', async () => {
    const ready = { tcp: '127.0.0.1:1', timeout: '50ms' };
    await expect(start({ services: { shop: { url: 'http://127.0.0.1:1', ready } } })).rejects.toMatchObject({
      code: 'service-unreachable',
      message: expect.stringMatching(
        /service "shop" at http:\/\/127.0.0.1:1 cannot be reached .*ECONNREFUSED/,
      ) as unknown,
    });
  });
});

test('data of a service stays in the run’s folder', async () => {
  await using system = await start({
    services: { shop: { process: { command: run('listen', '{{shop.http}}') }, ports: ['http'] } },
  });
  expect(system.services).toHaveLength(1);
  expect((await stat(join(context.folder, 'data', 'shop'))).isDirectory()).toBe(true);
});
