import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isGroupGone } from '../../chaos/drivers/process-group.ts';
import { identify, listTree } from '../../chaos/drivers/process-table.ts';
import type { ServiceControl } from '../../chaos/service-control.ts';
import { type Warden, startWarden } from '../../chaos/warden.ts';
import { systemSchema } from '../../lib/plan/schema/system.ts';
import { type ProvisionedSystem, provision } from '../../lib/provision/provision.ts';
import { type TestContext, testContext } from '../helpers/run-context.ts';
import { until } from '../helpers/until.ts';

const SERVICE = fileURLToPath(new URL('fixtures/service.mjs', import.meta.url));
const READY = { http: 'http://{{shop.http}}/readyz' };

let context: TestContext;
let warden: Warden;
let incidents: { readonly source: string; readonly message: string }[];
let restarted: [string, number][];
beforeEach(async () => {
  context = await testContext();
  warden = await startWarden();
  incidents = [];
  restarted = [];
});
afterEach(async () => {
  await warden[Symbol.asyncDispose]();
  await context[Symbol.asyncDispose]();
});

async function startShop(...words: string[]): Promise<{ system: ProvisionedSystem; shop: ServiceControl }> {
  const command = [process.execPath, SERVICE, 'say', 'hello', 'listen', '{{shop.http}}', ...words];
  const service = { process: { command, env: { REPLY: 'from {{data}}' }, stopTimeout: '500ms' } };
  const system = await provision({
    plan: {
      version: 1,
      experiment: 'test',
      description: '',
      seed: 1,
      root: '/',
      system: systemSchema.parse({ services: { shop: { ...service, ports: ['http'], ready: READY } } }),
      traffic: {},
      load: { scenario: '', env: {}, phases: [], steady: 'steady', maxVUs: 1, recordWrites: false },
      faults: [],
      drills: [],
      budgets: [],
    },
    context,
    toxiproxyServer: undefined,
    warden,
  });
  system.onIncident((incident) => incidents.push(incident));
  system.onServiceStarted((name, pid) => restarted.push([name, pid]));
  const shop = system.controls.get('shop');
  if (shop === undefined) throw new Error('no control of the service');
  return { system, shop };
}

const journalled = () => context.journalled.map(({ type }) => type).filter((type) => type.startsWith('service-'));
const reply = async (system: ProvisionedSystem) => await (await fetch(system.resolve('http://{{shop.http}}/'))).text();

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'a service is ended with %s and started again, which is no incident',
  async (signal) => {
    const { system, shop } = await startShop();
    const first = identify(shop.pid() ?? 0);
    const firstReply = await reply(system);
    expect(shop.processes()).toEqual([first.pid]);

    await shop.end(signal);
    expect([isGroupGone(first), shop.pid(), shop.processes()]).toEqual([true, undefined, []]);
    await expect(reply(system)).rejects.toThrow('fetch failed');
    await shop.end(signal);

    await shop.start();
    const second = identify(shop.pid() ?? 0);
    expect(second.pid).not.toBe(first.pid);
    expect(restarted).toEqual([['shop', second.pid]]);
    // It is ready when this returns, at the same address, with the same environment and data folder.
    expect(await reply(system)).toBe(firstReply);
    await shop.start();
    expect(shop.pid()).toBe(second.pid);

    await system[Symbol.asyncDispose]();
    expect(isGroupGone(second)).toBe(true);
    expect(incidents).toEqual([]);
    expect(journalled()).toEqual([
      'service-started',
      'service-ready',
      'service-ended',
      'service-started',
      'service-ready',
      'service-stopped',
    ]);
    expect(context.journalled.find(({ type }) => type === 'service-ended')?.data).toMatchObject({
      service: 'shop',
      pid: first.pid,
      reason: `told to (${signal})`,
      signal,
    });
    expect(await readFile(join(context.folder, 'logs', 'shop.log'), 'utf8')).toBe('hello\nhello\n');
  },
);

test('one that is deaf to SIGTERM is killed after its stop timeout, with its children', async () => {
  const { system, shop } = await startShop('deaf', 'grandchild');
  await using _ = system;
  const leader = identify(shop.pid() ?? 0);
  await until('the grandchild runs', () => shop.processes().length === 2);
  await shop.end('SIGTERM');
  expect(listTree(leader.pid) ?? []).toEqual([]);
  expect(context.journalled.at(-1)).toMatchObject({ type: 'service-ended', data: { how: 'killed' } });
});

test('one that ends by itself after it was started again is an incident, and stays ended', async () => {
  const { system, shop } = await startShop();
  await shop.end('SIGKILL');
  await shop.start();
  const second = shop.pid() ?? 0;
  process.kill(second, 'SIGKILL');
  await until('it is told of', () => incidents.length === 1);
  expect(incidents).toEqual([
    { source: 'shop', message: expect.stringContaining('service "shop" ended by itself (signal SIGKILL)') as unknown },
  ]);
  await shop.start();
  await shop.end('SIGTERM');
  expect(shop.pid()).toBeUndefined();
  expect(restarted).toEqual([['shop', second]]);
  await system[Symbol.asyncDispose]();
  expect(journalled().slice(-2)).toEqual(['service-exited', 'service-stopped']);
});

test('one that stays ended leaves nothing to be stopped', async () => {
  const { system, shop } = await startShop();
  await shop.end('SIGKILL');
  await system[Symbol.asyncDispose]();
  expect(incidents).toEqual([]);
  expect(journalled()).toEqual(['service-started', 'service-ready', 'service-ended']);
});

test('once the user has stopped the run it is not started again', async () => {
  const { system, shop } = await startShop();
  await shop.end('SIGKILL');
  context.abort();
  await shop.start();
  expect(shop.pid()).toBeUndefined();
  await system[Symbol.asyncDispose]();
  expect(incidents).toEqual([]);
});

test('a start that is under way is stopped, too', async () => {
  const { system, shop } = await startShop();
  await shop.end('SIGKILL');
  const starting = shop.start();
  const disposing = system[Symbol.asyncDispose]();
  await Promise.all([starting, disposing]);
  expect(restarted).toHaveLength(1);
  expect(isGroupGone(identify(restarted[0]?.[1] ?? 0))).toBe(true);
  expect(incidents).toEqual([]);
});
