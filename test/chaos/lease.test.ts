import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { attachService } from '../../chaos/attached-service.ts';
import { startChild } from '../../chaos/drivers/child-process.ts';
import { freePort } from '../../chaos/drivers/free-port.ts';
import { isGroupGone } from '../../chaos/drivers/process-group.ts';
import { identify, isStopped } from '../../chaos/drivers/process-table.ts';
import { type ToxiproxyServer, startToxiproxyServer } from '../../chaos/drivers/toxiproxy-server.ts';
import { type ToxiproxyProxy, attachToxiproxyProxy, createToxiproxyProxy } from '../../chaos/drivers/toxiproxy.ts';
import type { Targets } from '../../chaos/faults/bind-fault.ts';
import type { Fault } from '../../chaos/faults/fault.ts';
import { edgeKind, serviceKind } from '../../chaos/faults/kinds.ts';
import { holdLeases } from '../../chaos/held-leases.ts';
import { LEASE_GRACE_MS, type Lease, leaseOf } from '../../chaos/lease.ts';
import { undoFault } from '../../chaos/undo.ts';
import { type TestContext, testContext, testGuard } from '../helpers/run-context.ts';
import { toxiproxyServerPath } from '../helpers/toxiproxy.ts';
import { until } from '../helpers/until.ts';

const OWNER = fileURLToPath(new URL('fixtures/lease-owner.ts', import.meta.url));
const NAME = 'edge ä?%20#';

let context: TestContext;
let guard: ReturnType<typeof testGuard>;
let server: ToxiproxyServer;
let proxy: ToxiproxyProxy;
let targets: Targets;

beforeEach(async () => {
  context = await testContext();
  guard = testGuard();
  const logFile = join(context.folder, 'logs', 'toxiproxy.log');
  server = await startToxiproxyServer({ path: await toxiproxyServerPath(), logFile, guard, signal: context.signal });
  const listen = `127.0.0.1:${await freePort()}`;
  proxy = await createToxiproxyProxy(server.client, { name: NAME, listen, upstream: '127.0.0.1:9' });
  targets = { edges: new Map([['edge', { ...EDGE, proxy }]]), services: new Map(), tap: undefined };
});
afterEach(async () => {
  if (server.exit() === undefined) process.kill(server.pid, 'SIGCONT');
  await server.stop();
  expect(guard.held).toEqual(new Set());
  await context[Symbol.asyncDispose]();
});

const EDGE = { name: 'edge', listen: '127.0.0.1:1', upstream: '127.0.0.1:9', protocol: 'http' } as const;
const on = { name: 'this-one', edge: 'edge', startMs: 3_000, endMs: 5_000 } as const;
const stream = { ...on, direction: 'replies', connections: 1 } as const;
const LATENCY = { ...stream, kind: 'latency', latencyMs: 100, jitterMs: 0 } as const;

const CONNECTION_FAULTS: readonly Fault[] = [
  LATENCY,
  { ...stream, kind: 'bandwidth', bytesPerSecond: 10_000 },
  { ...stream, kind: 'slow-close', delayMs: 100 },
  { ...stream, kind: 'timeout', closeAfterMs: 0 },
  { ...stream, kind: 'reset', afterMs: 0 },
  { ...stream, kind: 'slicer', averageBytes: 10, variationBytes: 0, delayMs: 1 },
  { ...stream, kind: 'limit-data', bytes: 10 },
  { ...on, kind: 'down' },
  { ...on, kind: 'flapping', downMs: 100, upMs: 100 },
];

/** As it arrives in another process. */
function sent(fault: Fault): Lease {
  const lease = leaseOf(fault, targets, 1_000);
  if (lease === undefined) throw new Error(`no lease for ${fault.kind}`);
  return JSON.parse(JSON.stringify(lease)) as Lease;
}

async function disturbed(): Promise<boolean> {
  const { enabled, toxics } = await server.client.getProxy(NAME);
  return !enabled || toxics.length > 0;
}

describe('a lease', () => {
  test.each(CONNECTION_FAULTS)('undoes $kind, as often as one likes', async (fault) => {
    const lease = sent(fault);
    expect(lease).toMatchObject({ id: 'this-one', until: 1_000 + 2_000 + LEASE_GRACE_MS });
    await edgeKind(fault as never).inject({ proxy, tap: undefined }, fault as never);
    expect(await disturbed()).toBe(true);
    await undoFault(lease.undo);
    expect(await disturbed()).toBe(false);
    await undoFault(lease.undo);
    expect(await disturbed()).toBe(false);
  });

  test('leaves the toxics of others alone', async () => {
    const others = { name: 'other', type: 'latency', stream: 'downstream', toxicity: 1 } as const;
    await proxy.addToxic({ ...others, attributes: { latency: 1, jitter: 0 } });
    await edgeKind(LATENCY).inject({ proxy, tap: undefined }, LATENCY);
    await undoFault(sent(LATENCY).undo);
    expect((await proxy.state()).toxics.map(({ name }) => name)).toEqual(['other']);
    // The harder step would take them away with its own: not on a proxy that is shared.
    const shared = attachToxiproxyProxy(server.client, proxy, new Set(['cutover-this-one']));
    await expect(shared.recreate()).rejects.toMatchObject({ code: 'shared-proxy' });
    expect((await proxy.state()).toxics.map(({ name }) => name)).toEqual(['other']);
  });

  test('does not bring back a shared proxy that was deleted meanwhile', async () => {
    proxy = attachToxiproxyProxy(server.client, proxy, new Set());
    targets = { ...targets, edges: new Map([['edge', { ...EDGE, proxy }]]) };
    await edgeKind(LATENCY).inject({ proxy, tap: undefined }, LATENCY);
    const lease = sent(LATENCY);
    await server.client.deleteProxy(NAME);
    await undoFault(lease.undo);
    expect(await server.client.listProxies()).toEqual([]);
  });

  test('brings back the proxy of an edge that a step of its own has deleted', async () => {
    await edgeKind(LATENCY).inject({ proxy, tap: undefined }, LATENCY);
    const lease = sent(LATENCY);
    await server.client.deleteProxy(NAME);
    await undoFault(lease.undo);
    expect(await server.client.getProxy(NAME)).toMatchObject({ enabled: true, listen: proxy.listen, toxics: [] });
  });

  test('is done with when the server has ended', async () => {
    const lease = sent(LATENCY);
    await server.stop();
    await expect(undoFault(lease.undo)).resolves.toBeUndefined();
  });

  test('of a server that hangs is not undone, and is when it goes on', async () => {
    await edgeKind(LATENCY).inject({ proxy, tap: undefined }, LATENCY);
    const lease = sent(LATENCY);
    process.kill(server.pid, 'SIGSTOP');
    await expect(undoFault(lease.undo)).rejects.toMatchObject({ code: 'cleanup-unverified' });
    process.kill(server.pid, 'SIGCONT');
    await undoFault(lease.undo);
    expect(await disturbed()).toBe(false);
  });

  test('lets a service go on that stands still', async () => {
    const child = await startChild({
      title: 'service',
      command: [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
      cwd: '/',
      env: {},
      logFile: join(context.folder, 'service.log'),
      stopTimeoutMs: 1_000,
      guard,
    });
    const service = attachService('service', identify(child.pid));
    targets = { ...targets, services: new Map([['service', service]]) };
    const fault = { name: 'still', service: 'service', startMs: 0, endMs: 1_000, kind: 'pause' } as const;
    await serviceKind(fault).inject(service, fault);
    await until('it stands still', () => isStopped(child.pid) === true);
    await undoFault(sent(fault).undo);
    expect(isStopped(child.pid)).toBe(false);
    await expect(service.end('SIGKILL')).rejects.toMatchObject({ code: 'not-its-owner' });
    await child.stop();
  });

  test('is not given for what another process cannot undo', () => {
    for (const kind of ['kill', 'terminate', 'restart'] as const) {
      const fault = { name: 'gone', service: 'service', startMs: 0, endMs: 1, kind } as const;
      expect(leaseOf(fault, targets)).toBeUndefined();
    }
  });
});

describe('whoever holds leases', () => {
  const undo: Lease['undo'] = { type: 'continue', leader: { pid: 1, startTime: 'never' } };

  test('undoes one when its time is over, and tries until it works', async () => {
    let tries = 0;
    const leases = holdLeases(() => ((tries += 1) < 3 ? Promise.reject(new Error('hangs')) : Promise.resolve()));
    leases.hold({ id: 'a', until: Date.now() + 20, undo });
    expect(tries).toBe(0);
    await until('it is undone, and looked at once more', () => tries === 4);
    // Its owner may wake up and inject it after all.
    await leases.undoAll();
    expect(tries).toBe(5);
    leases.end('a');
    await leases.undoAll();
    expect(tries).toBe(5);
  });

  test('has nothing to do with one that was ended, or held anew', async () => {
    const undone: string[] = [];
    const leases = holdLeases((what) => Promise.resolve(void undone.push(JSON.stringify(what))));
    leases.hold({ id: 'a', until: Date.now(), undo });
    leases.hold({ id: 'a', until: Date.now() + 60_000, undo: { ...undo, leader: { pid: 2, startTime: 'never' } } });
    leases.hold({ id: 'b', until: Date.now(), undo });
    leases.end('b');
    await leases.undoAll();
    expect(undone).toEqual([expect.stringContaining('"pid":2')]);
  });
});

describe('an owner of a lease', () => {
  async function startOwner(forMs: number) {
    const owner = spawn(process.execPath, [OWNER, server.url, NAME, String(forMs)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [pid] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
    expect(await disturbed()).toBe(true);
    return { owner, warden: identify(Number(pid)) };
  }

  test('that is killed leaves no fault in force', async () => {
    const { owner, warden } = await startOwner(3_600_000);
    owner.kill('SIGKILL');
    await until('the fault is undone', async () => !(await disturbed()), 5_000);
    await until('the warden is gone', () => isGroupGone(warden), 5_000);
    expect(await disturbed()).toBe(false);
  });

  test('that hangs leaves none in force after its time', async () => {
    const { owner } = await startOwner(500);
    owner.kill('SIGSTOP');
    await until('the fault is undone', async () => !(await disturbed()), 5_000);
    expect(owner.exitCode ?? owner.signalCode).toBeNull();
    owner.kill('SIGKILL');
  });
});
