import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ToxiproxyServer, startToxiproxyServer } from '../../chaos/drivers/toxiproxy-server.ts';
import { type Toxic, createToxiproxyProxy } from '../../chaos/drivers/toxiproxy.ts';
import type { ProxiedEdge } from '../../chaos/edge.ts';
import type { Lease } from '../../chaos/lease.ts';
import { type WalkOptions, walkSchedule } from '../../chaos/walk-schedule.ts';
import { edgeDisturbed, signsDisturbed } from '../../lib/judge/edge-disturbed.ts';
import type { Fault } from '../../lib/plan/plan.ts';
import { type EchoServer, httpEcho } from '../helpers/echo-servers.ts';
import { type TestContext, testContext, testGuard } from '../helpers/run-context.ts';
import { toxiproxyServerPath } from '../helpers/toxiproxy.ts';
import { until } from '../helpers/until.ts';

let context: TestContext;
let guard: ReturnType<typeof testGuard>;
let server: ToxiproxyServer;
let upstream: EchoServer;
let edges: Map<string, ProxiedEdge>;
/** What others would have to undo. */
const leased = new Map<string, Lease>();

beforeEach(async () => {
  context = await testContext();
  guard = testGuard();
  upstream = await httpEcho();
  const logFile = join(context.folder, 'logs', 'toxiproxy.log');
  server = await startToxiproxyServer({ path: await toxiproxyServerPath(), logFile, guard, signal: context.signal });
  leased.clear();
  edges = new Map();
  for (const name of ['a', 'b']) {
    const address = { name, listen: '127.0.0.1:0', upstream: upstream.address };
    const proxy = await createToxiproxyProxy(server.client, address, () => server.exit() !== undefined);
    edges.set(name, { name, listen: proxy.listen, upstream: upstream.address, protocol: 'http', proxy });
  }
});
afterEach(async () => {
  await server.stop();
  expect(guard.held).toEqual(new Set());
  await upstream[Symbol.asyncDispose]();
  await context[Symbol.asyncDispose]();
});

const slow = (startMs: number, endMs: number, edge = 'a'): Fault => ({
  name: `slow-${edge}`,
  edge,
  startMs,
  endMs,
  kind: 'latency',
  direction: 'replies',
  connections: 1,
  latencyMs: 400,
  jitterMs: 0,
});
const down = (startMs: number, endMs: number, edge = 'a'): Fault => ({
  name: `down-${edge}`,
  edge,
  startMs,
  endMs,
  kind: 'down',
});

function walk(faults: readonly Fault[], more: Partial<WalkOptions> = {}) {
  const startedMs = performance.now();
  return walkSchedule({
    plan: { faults },
    edges,
    services: new Map(),
    tap: undefined,
    leases: {
      lease: (lease) => void leased.set(lease.id, lease),
      endLease: (id) => void leased.delete(id),
    },
    context,
    nowMs: () => performance.now() - startedMs,
    beforeFirstFault: async () => 'go',
    signal: context.signal,
    ...more,
  });
}

async function expectClean(): Promise<void> {
  expect([...leased.keys()]).toEqual([]);
  for (const { proxy } of edges.values()) expect(await proxy.state()).toMatchObject({ enabled: true, toxics: [] });
}

const events = (): unknown[] => context.journalled.map(({ type, data }) => [type, data['fault']]);
const stateOf = async (edge: string) => await edges.get(edge)?.proxy.state();

describe('walkSchedule', () => {
  test('injects and removes on time, and probes before, during and after', async () => {
    const [first, second] = await walk([slow(600, 2_200), down(2_400, 2_800, 'b')]);
    expect(first).toMatchObject({ name: 'slow-a', kind: 'latency', target: 'a', signs: [] });
    expect(second).toMatchObject({ name: 'down-b', kind: 'down', target: 'b', signs: [] });
    expect(first?.injectedMs).toBeGreaterThanOrEqual(600);
    expect(first?.removedMs).toBeGreaterThanOrEqual(2_200);
    for (const observation of [first, second]) {
      expect(new Set(observation?.probes.map(({ when }) => when))).toEqual(new Set(['before', 'during', 'after']));
    }
    const during = second?.probes.filter(({ when }) => when === 'during') ?? [];
    for (const { error } of during) expect(error).toContain('ECONNREFUSED');
    expect(second?.probes.filter(({ when, error }) => when !== 'during' && error !== undefined)).toEqual([]);
    expect(events()).toEqual([
      ['fault-injected', 'slow-a'],
      ['fault-removed', 'slow-a'],
      ['fault-injected', 'down-b'],
      ['fault-removed', 'down-b'],
    ]);
    const verdicts = [first, second].map((seen, index) =>
      edgeDisturbed(index === 0 ? { longerByMs: 200 } : 'unanswered', seen?.probes ?? []),
    );
    expect(verdicts.map(({ disturbed }) => disturbed)).toEqual([true, true]);
    const injected = context.journalled.filter(({ type }) => type === 'fault-injected');
    expect(injected.map(({ data }) => [data['target'], data['plannedMs'], data['atMs']])).toEqual([
      ['a', 600, first?.injectedMs],
      ['b', 2_400, second?.injectedMs],
    ]);
    await expectClean();
  });

  test('asks once before the first fault, and injects nothing when told to stop', async () => {
    let asked = 0;
    const observations = await walk([slow(0, 60_000), down(0, 60_000, 'b'), down(60_000, 70_000)], {
      beforeFirstFault: async () => {
        asked += 1;
        return 'stop';
      },
    });
    expect(asked).toBe(1);
    expect(observations.map(({ injectedMs, removedMs }) => [injectedMs, removedMs])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(events()).toEqual([]);
    await expectClean();
  });

  test('removes what is in force when it is stopped', async () => {
    const stop = new AbortController();
    const walking = walk([slow(0, 60_000), down(0, 60_000, 'b'), down(60_000, 70_000)], { signal: stop.signal });
    await until(
      'both are in force',
      async () => (await stateOf('a'))?.toxics.length === 1 && (await stateOf('b'))?.enabled === false,
    );
    expect([...leased.keys()].toSorted()).toEqual(['down-b', 'slow-a']);
    stop.abort();
    const observations = await walking;
    expect(observations.map(({ removedMs }) => typeof removedMs)).toEqual(['number', 'number', 'undefined']);
    await expectClean();
  });

  test('does not inject when it was stopped while the steady state was judged', async () => {
    const stop = new AbortController();
    const observations = await walk([slow(0, 60_000)], {
      signal: stop.signal,
      beforeFirstFault: async () => {
        stop.abort();
        return 'go';
      },
    });
    expect(observations).toMatchObject([{ injectedMs: undefined, probes: [] }]);
    await expectClean();
  });

  test('removes the others when one cannot be injected', async () => {
    const edge = edges.get('b');
    if (edge === undefined) throw new Error('no edge');
    const setEnabled = async (enabled: boolean): Promise<void> => {
      if (enabled) return;
      await until('the other one is in force', async () => (await stateOf('a'))?.toxics.length === 1);
      throw new Error('refused');
    };
    edges.set('b', { ...edge, proxy: { ...edge.proxy, setEnabled } });
    await expect(walk([slow(0, 60_000), down(0, 60_000, 'b')])).rejects.toThrow('refused');
    await expectClean();
  });

  test('reports a fault that stays, after removing the others', async () => {
    const edge = edges.get('b');
    if (edge === undefined) throw new Error('no edge');
    const stuck = async (): Promise<void> => {};
    edges.set('b', { ...edge, proxy: { ...edge.proxy, removeToxic: stuck, recreate: stuck } });
    const walking = walk([slow(0, 200), slow(0, 50, 'b')]);
    await expect(walking).rejects.toMatchObject({ code: 'cleanup-unverified', exitCode: 5 });
    expect(await stateOf('a')).toMatchObject({ enabled: true, toxics: [] });
    // Somebody else may have more luck with it.
    expect([...leased.keys()]).toEqual(['slow-b']);
  });

  test('faults on one edge follow each other', async () => {
    const observations = await walk([slow(0, 150), down(150, 300)]);
    expect(events()).toEqual([
      ['fault-injected', 'slow-a'],
      ['fault-removed', 'slow-a'],
      ['fault-injected', 'down-a'],
      ['fault-removed', 'down-a'],
    ]);
    // What was probed after the first would have met the second.
    expect(observations[0]?.probes.filter(({ when }) => when === 'after')).toEqual([]);
    await expectClean();
  });

  test('moves what moves, and looks at what round trips do not show', async () => {
    const ramp = { from: 1_000, to: 2_500_000 };
    const narrow: Fault = {
      ...slow(0, 1_400),
      name: 'narrow',
      kind: 'bandwidth',
      bytesPerSecond: 1_000,
      ramp,
    } as Fault;
    const rates = new Set<number | undefined>();
    const edge = edges.get('a');
    if (edge === undefined) throw new Error('no edge');
    const updateToxic = async (toxic: Toxic): Promise<void> => {
      await edge.proxy.updateToxic(toxic);
      rates.add((await edge.proxy.state()).toxics[0]?.attributes?.['rate']);
    };
    edges.set('a', { ...edge, proxy: { ...edge.proxy, updateToxic } });
    const [seen] = await walk([narrow]);
    expect([...rates]).toEqual([894, 1_786]);
    expect(seen?.signs.map((sign) => sign.seen)).toEqual([true, true, true, true, true]);
    expect(seen?.signs[0]?.detail).toBe('the proxy reports bandwidth {"rate":1}');
    expect(seen?.signs.at(-1)?.detail).toBe('the proxy reports bandwidth {"rate":1786}');
    expect(signsDisturbed(seen?.signs ?? []).disturbed).toBe(true);
    await expectClean();
  });

  test('a flapping edge answers and does not, by turns, and is up in the end', async () => {
    const times = { startMs: 600, endMs: 2_600 };
    const flapping: Fault = { name: 'loose', edge: 'a', ...times, kind: 'flapping', downMs: 400, upMs: 400 };
    const [seen] = await walk([flapping]);
    const during = seen?.probes.filter(({ when }) => when === 'during') ?? [];
    expect(during.map(({ roundTripMs }) => roundTripMs !== undefined)).toEqual([false, true, false, true, false]);
    expect(edgeDisturbed('partly-unanswered', seen?.probes ?? [])).toMatchObject({ disturbed: true, missing: '' });
    expect(events()).toEqual([
      ['fault-injected', 'loose'],
      ['fault-removed', 'loose'],
    ]);
    await expectClean();
  });

  test('a look that fails has seen nothing, and the walk goes on', async () => {
    const edge = edges.get('a');
    if (edge === undefined) throw new Error('no edge');
    let looks = 0;
    const state = () => ((looks += 1) > 5 ? edge.proxy.state() : Promise.reject(new Error('no answer in 2000 ms')));
    edges.set('a', { ...edge, proxy: { ...edge.proxy, state } });
    const some: Fault = { ...slow(0, 300), connections: 0.5 } as Fault;
    const [seen] = await walk([some]);
    expect(seen?.signs.map((sign) => [sign.seen, sign.detail])).toEqual(
      Array.from({ length: 5 }, () => [false, 'no answer in 2000 ms']),
    );
    expect(signsDisturbed(seen?.signs ?? [])).toMatchObject({ disturbed: false, missing: 'no answer in 2000 ms' });
    await expectClean();
  });

  test('two at once on one edge, each by its own', async () => {
    const requests: Fault = { ...slow(200, 900), name: 'requests', direction: 'requests' } as Fault;
    const [one, other] = await walk([slow(0, 1_200), requests]);
    expect(events()).toEqual([
      ['fault-injected', 'slow-a'],
      ['fault-injected', 'requests'],
      ['fault-removed', 'requests'],
      ['fault-removed', 'slow-a'],
    ]);
    expect([one?.removedMs, other?.removedMs]).toEqual([expect.any(Number), expect.any(Number)]);
    await expectClean();
  });

  test('one that cannot be moved ends the walk, and is removed', async () => {
    const edge = edges.get('a');
    if (edge === undefined) throw new Error('no edge');
    const updateToxic = (): Promise<never> => Promise.reject(new Error('no answer in 2000 ms'));
    edges.set('a', { ...edge, proxy: { ...edge.proxy, updateToxic } });
    const moving: Fault = { ...slow(0, 60_000), ramp: { from: 1, to: 400 } } as Fault;
    await expect(walk([moving, down(0, 60_000, 'b')])).rejects.toThrow('no answer in 2000 ms');
    await expectClean();
  });

  test('without faults does nothing', async () => {
    expect(await walk([], { beforeFirstFault: () => Promise.reject(new Error('asked')) })).toEqual([]);
  });
});
