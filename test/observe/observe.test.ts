import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type ObservedService, startObserver } from '../../lib/observe/observe.ts';
import type { Second } from '../../lib/observe/observations.ts';
import { readTimeline } from '../../lib/observe/timeline.ts';
import { layOut } from '../../lib/plan/phases.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { type System, systemSchema } from '../../lib/plan/schema/system.ts';
import { testContext } from '../helpers/run-context.ts';
import { until } from '../helpers/until.ts';
import { type Series, encodePush, wireHistogram } from './push.ts';

const EVIDENCE = { service: 'shop', metric: 'attempts_total', labels: { outcome: '!ok' } };

function aPlan(): Plan {
  const system: System = systemSchema.parse({
    services: { shop: { url: 'http://127.0.0.1:1' } },
    edges: {
      'shop-stock': { from: 'shop', to: 'stock.http', protocol: 'http', evidence: EVIDENCE },
      'shop-mail': { from: 'shop', to: 'mail.http', protocol: 'http' },
    },
  });
  const phases = layOut([
    { name: 'warm-up', duration: 2_000, rate: { from: 0, to: 20 } },
    { name: 'steady', duration: 60_000, rate: 20 },
  ]);
  return {
    version: 1,
    experiment: 'observed',
    description: '',
    seed: 1,
    root: '/',
    system,
    traffic: {},
    load: { scenario: '/none.ts', env: {}, phases, steady: 'steady', maxVUs: 10, recordWrites: false },
    faults: [],
    drills: [],
    budgets: [],
  };
}

async function observed(services: readonly ObservedService[] = []) {
  const context = await testContext();
  mkdirSync(context.folder, { recursive: true });
  const observer = await startObserver({ plan: aPlan(), context, services });
  const { url, token } = observer.receiver;
  return {
    observer,
    context,
    timeline: () => readTimeline(readFileSync(join(context.folder, 'timeline.ndjson'), 'utf8')),
    push: async (...series: readonly Series[]) => {
      const headers = { authorization: `Bearer ${token}` };
      const body = encodePush(series) as NonNullable<RequestInit['body']>;
      expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(204);
    },
    async [Symbol.asyncDispose]() {
      await observer[Symbol.asyncDispose]();
      await context[Symbol.asyncDispose]();
    },
  };
}

/** The requests' series after so many of them, all of 0.125 s. */
const requests = (count: number): Series => ({
  labels: {
    __name__: 'k6_http_req_duration_seconds',
    scenario: 'load',
    name: 'quote',
    phase: 'steady',
    expected_response: 'true',
  },
  histogram: wireHistogram({ [-24]: count }, { sum: count / 8 }),
});

const succeeded = (second: Second | undefined) => second?.operations[0]?.succeeded.count ?? 0;

test('what was pushed before the start is known is placed when it is', async () => {
  await using run = await observed();
  const { observer, push } = run;
  await push(requests(3));
  expect([observer.nowMs(), await observer.seconds()]).toEqual([0, []]);
  observer.loadStarted(Date.now() - 5_000);
  await push(requests(5));
  const { seconds, pushesMs } = await observer.finish();
  expect(seconds.map(succeeded)).toEqual([0, 0, 0, 0, 5]);
  expect(pushesMs).toHaveLength(2);
  expect(pushesMs[0]).toBeLessThan(5_010);
  expect(pushesMs[1]).toBeGreaterThan(4_990);
});

test('a second has its phase and its planned arrivals, and is empty where nothing was pushed', async () => {
  await using run = await observed();
  run.observer.loadStarted(Date.now() - 4_200);
  const { seconds } = await run.observer.finish();
  expect(seconds.map(({ t, phase, offered }) => [t, phase, offered])).toEqual([
    [0, 'warm-up', 5],
    [1, 'warm-up', 15],
    [2, 'steady', 20],
    [3, 'steady', 20],
  ]);
  expect(seconds.every(({ iterations, operations }) => iterations === 0 && operations.length === 0)).toBe(true);
});

test('windows are told and written as they become complete; late pushes count in the first that is open', async () => {
  await using run = await observed();
  const { observer, push, timeline } = run;
  const told: Second[] = [];
  observer.onSecond((second) => told.push(second));
  observer.loadStarted(Date.now() - 3_000);
  await until('two windows are complete', () => told.length >= 2);
  expect(timeline()).toEqual(told);
  expect(await observer.seconds()).toEqual(told);
  const [before] = [told.length];
  await push(requests(4), { labels: { __name__: 'k6_dropped_iterations_total', scenario: 'load' }, value: 2 });
  const { seconds } = await observer.finish();
  expect(told).toEqual(seconds);
  expect(timeline()).toEqual(seconds);
  expect(seconds.reduce((sum, second) => sum + succeeded(second), 0)).toBe(4);
  expect(seconds.slice(0, before).every((second) => succeeded(second) === 0)).toBe(true);
  expect(seconds.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(2);
  expect(await observer.finish()).toEqual(await observer.finish());
});

describe('metrics pages', () => {
  async function metricsPage(text: () => string) {
    const server = createServer((_, response) => response.end(text()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      },
    };
  }

  test('give the evidence counter of an edge, and resource use of a service that was not started here', async () => {
    let scrapes = 0;
    await using page = await metricsPage(() => {
      scrapes += 1;
      return `attempts_total{outcome="ok"} 100\nattempts_total{outcome="error"} ${scrapes}\nattempts_total{outcome="timeout"} 10
process_cpu_seconds_total ${scrapes / 4}\nprocess_resident_memory_bytes 5e7\n`;
    });
    await using run = await observed([{ name: 'shop', metricsUrl: page.url }]);
    const { observer } = run;
    observer.loadStarted(Date.now());
    await until('three readings', () => observer.counter('shop-stock').length >= 3);
    const values = observer.counter('shop-stock').map(({ value }) => value);
    expect(values).toEqual(values.map((_, index) => 11 + index));
    expect(observer.counter('shop-mail')).toEqual([]);
    expect(observer.counter('unknown')).toEqual([]);
    const { seconds } = await observer.finish();
    const shop = seconds.flatMap(({ resources }) => resources).filter(({ source }) => source === 'shop');
    expect(shop.length).toBeGreaterThan(0);
    for (const { role, cpuCores, rssBytes } of shop) {
      expect([role, rssBytes]).toEqual(['service', 5e7]);
      expect(cpuCores).toBeGreaterThan(0);
    }
  });

  test('tell about the runtime of a service, and are not read again when they tell nothing', async () => {
    let [told, silent] = [0, 0];
    await using go = await metricsPage(() => {
      told += 1;
      return `go_goroutines ${told}\ngo_memstats_heap_inuse_bytes 5e6\ngo_gc_duration_seconds_sum ${told / 64}\n`;
    });
    await using other = await metricsPage(() => {
      silent += 1;
      return 'orders_total 5\n';
    });
    await using run = await observed([
      { name: 'mail', metricsUrl: go.url },
      { name: 'stock', metricsUrl: other.url },
    ]);
    run.observer.loadStarted(Date.now());
    await until('four readings', () => told >= 4);
    expect(silent).toBe(1);
    const { seconds } = await run.observer.finish();
    const runtimes = seconds.flatMap((second) => second.runtimes);
    expect(runtimes).toContainEqual({
      source: 'mail',
      heapBytes: 5e6,
      gcPauseSeconds: 1 / 64,
      goroutines: expect.any(Number),
    });
    expect(runtimes.filter(({ source }) => source === 'stock')).toEqual([]);
  });

  test('that do not answer are told in the journal, and end nothing', async () => {
    await using run = await observed([{ name: 'shop', metricsUrl: 'http://127.0.0.1:1/metrics' }]);
    run.observer.loadStarted(Date.now());
    await run.observer.finish();
    expect(run.context.journalled.find(({ type }) => type === 'observed')?.data).toMatchObject({
      scrapeErrors: { shop: { errors: expect.any(Number), last: expect.stringMatching(/./) } },
    });
  });
});

test('processes are watched: the harness, the machine, services and what is added', async () => {
  await using run = await observed([{ name: 'shop', pid: process.pid }]);
  const { observer } = run;
  observer.watchProcess('k6', 'generator', process.pid);
  // As with the real k6, the load starts a moment after its process.
  observer.loadStarted(Date.now() + 100);
  await until('a window is complete', async () => (await observer.seconds()).length >= 1, 15_000);
  expect((await observer.seconds())[0]?.resources.map(({ source, role }) => [source, role]).toSorted()).toEqual([
    ['cutover', 'harness'],
    ['k6', 'generator'],
    ['machine', 'machine'],
    ['shop', 'service'],
  ]);
});

test('a run whose load never started has no timeline', async () => {
  await using run = await observed();
  await run.push(requests(1));
  expect(await run.observer.finish()).toEqual({ seconds: [], pushesMs: [], clockStepMs: expect.any(Number) });
});

test('after it is disposed of nothing keeps the process alive', async () => {
  await using context = await testContext();
  mkdirSync(context.folder, { recursive: true });
  const observe = new URL('../../lib/observe/observe.ts', import.meta.url).href;
  const script = `
    import { startObserver } from ${JSON.stringify(observe)};
    const context = { folder: ${JSON.stringify(context.folder)}, journal: { record() {} } };
    const plan = { load: { phases: [] }, system: { services: {}, edges: {} } };
    {
      await using observer = await startObserver({ plan, context, services: [{ name: 'shop', pid: process.pid }] });
      observer.loadStarted(Date.now());
    }
    console.log('disposed');`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 });
  expect(stdout).toBe('disposed\n');
});
