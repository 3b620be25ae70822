import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ToxiproxyServer, startToxiproxyServer } from '../../chaos/drivers/toxiproxy-server.ts';
import { createToxiproxyProxy } from '../../chaos/drivers/toxiproxy.ts';
import type { ProxiedEdge } from '../../chaos/edge.ts';
import { type WalkOptions, walkSchedule } from '../../chaos/walk-schedule.ts';
import type { Fault, Plan } from '../../lib/plan/plan.ts';
import { type EchoServer, httpEcho } from '../helpers/echo-servers.ts';
import { type TestContext, testContext, testGuard } from '../helpers/run-context.ts';
import { toxiproxyServerPath } from '../helpers/toxiproxy.ts';
import { until } from '../helpers/until.ts';

let context: TestContext;
let guard: ReturnType<typeof testGuard>;
let server: ToxiproxyServer;
let upstream: EchoServer;
let edges: Map<string, ProxiedEdge>;

beforeEach(async () => {
  context = await testContext();
  guard = testGuard();
  upstream = await httpEcho();
  const logFile = join(context.folder, 'logs', 'toxiproxy.log');
  server = await startToxiproxyServer({ path: await toxiproxyServerPath(), logFile, guard, signal: context.signal });
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

const planOf = (faults: readonly Fault[]): Plan => ({
  version: 1,
  experiment: 'test',
  description: '',
  seed: 1,
  root: '/',
  system: { services: {}, edges: {} },
  traffic: {},
  load: { scenario: '', env: {}, phases: [], steady: 'steady', maxVUs: 1, recordWrites: false },
  faults,
  budgets: [],
});

function walk(faults: readonly Fault[], more: Partial<WalkOptions> = {}) {
  const startedMs = performance.now();
  return walkSchedule({
    plan: planOf(faults),
    edges,
    context,
    nowMs: () => performance.now() - startedMs,
    beforeFirstFault: async () => 'go',
    evidence: () => undefined,
    signal: context.signal,
    ...more,
  });
}

async function expectClean(): Promise<void> {
  for (const { proxy } of edges.values()) expect(await proxy.state()).toMatchObject({ enabled: true, toxics: [] });
}

const events = (): unknown[] => context.journalled.map(({ type, data }) => [type, data['fault']]);
const stateOf = async (edge: string) => await edges.get(edge)?.proxy.state();

describe('walkSchedule', () => {
  test('injects and removes on time, and probes before, during and after', async () => {
    const evidence = [{ atMs: 5, value: 1 }];
    const [first, second] = await walk([slow(600, 2_200), down(2_400, 2_800, 'b')], {
      evidence: (edge) => (edge === 'a' ? evidence : undefined),
    });
    expect(first).toMatchObject({ name: 'slow-a', kind: 'latency', edge: 'a', evidence });
    expect(second).toMatchObject({ name: 'down-b', kind: 'down', edge: 'b', evidence: undefined });
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
    const removed = context.journalled.filter(({ type }) => type === 'fault-removed');
    expect(removed.map(({ data }) => (data['effect'] as { felt: string }).felt)).toEqual(['yes', 'yes']);
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

  test('without faults does nothing', async () => {
    expect(await walk([], { beforeFirstFault: () => Promise.reject(new Error('asked')) })).toEqual([]);
  });
});
