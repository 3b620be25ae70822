import { existsSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { watchAlerts } from '../../lib/observe/alerts/watch-alerts.ts';
import type { AlertsPlan } from '../../lib/plan/schema/alerts.ts';
import { type OwnPrometheus, prometheusConfig } from '../../lib/provision/prometheus-config.ts';
import { checkRules, startPrometheus } from '../../lib/provision/prometheus.ts';
import { prometheusPaths, withPrometheus } from '../helpers/prometheus.ts';
import { type TestContext, testContext, testGuard } from '../helpers/run-context.ts';
import { until } from '../helpers/until.ts';

const SETTINGS: OwnPrometheus = {
  groups: [
    {
      name: 'shop',
      rules: [
        { record: 'shop:broken', expr: 'max(broken)' },
        { alert: 'ShopBroken', expr: 'shop:broken > 0', for: '400ms', labels: { severity: 'page' } },
        { alert: 'ShopGone', expr: 'up == 0' },
      ],
    },
  ],
  scrape: [{ service: 'shop', labels: { job: 'the-shop' } }],
  scrapeIntervalMs: 200,
  evaluationIntervalMs: 200,
  timeScale: 1,
};

test('a service is a job of its own, or what its labels say', () => {
  const config = prometheusConfig(SETTINGS, () => 'https://shop:8443/admin/metrics?kind=a&kind=b', '/rules.yml');
  expect(parse(config)).toEqual({
    global: { scrape_interval: '200ms', scrape_timeout: '200ms', evaluation_interval: '200ms' },
    rule_files: ['/rules.yml'],
    scrape_configs: [
      {
        job_name: 'shop',
        scheme: 'https',
        metrics_path: '/admin/metrics',
        params: { kind: ['a', 'b'] },
        static_configs: [{ targets: ['shop:8443'], labels: { service: 'shop', job: 'the-shop' } }],
      },
    ],
  });
});

describe.skipIf(withPrometheus.skip)(`a real Prometheus ${withPrometheus.reason}`, { timeout: 60_000 }, () => {
  let context: TestContext;
  let guard: ReturnType<typeof testGuard>;
  let server: Server;
  let broken = 0;
  let status = 200;
  beforeEach(async () => {
    [broken, status] = [0, 200];
    context = await testContext();
    mkdirSync(context.folder, { recursive: true });
    guard = testGuard();
    server = createServer((_, response) => response.writeHead(status).end(`broken ${broken}\n`));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    expect(guard.held).toEqual(new Set());
    server.closeAllConnections();
    server.close();
    await context[Symbol.asyncDispose]();
  });

  const metricsUrl = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const start = (settings: OwnPrometheus = SETTINGS, path = prometheusPaths().prometheus) =>
    startPrometheus({ settings, path, metricsUrl, context, guard });

  test('sees an alert fire and end, and is gone afterwards', async () => {
    const data = join(context.folder, 'prometheus', 'data');
    const startEpochMs = Date.now();
    const plan: AlertsPlan = {
      prometheus: SETTINGS,
      watched: [{ alert: 'ShopBroken' }, { alert: 'ShopGone' }],
      expect: [],
      quiet: true,
    };
    let url = '';
    {
      await using prometheus = await start();
      url = prometheus.url;
      expect(existsSync(data)).toBe(true);
      await using watch = await watchAlerts(plan, url, context);
      const state = async () => {
        const response = await fetch(`${url}/api/v1/alerts`);
        const { data: found } = (await response.json()) as { data: { alerts: { state: string }[] } };
        return found.alerts.map((alert) => alert.state).join();
      };
      broken = 1;
      const brokenMs = Date.now() - startEpochMs;
      await until('it fires', async () => (await state()) === 'firing');
      broken = 0;
      const wellMs = Date.now() - startEpochMs;
      await until('it ends', async () => (await state()) === '');
      // An evaluation later its last sample is old enough to be an end.
      const endMs = Date.now() - startEpochMs + 1_000;
      await until('a second has passed', () => Date.now() - startEpochMs > endMs);
      const seen = await watch.finish(startEpochMs, endMs);

      expect(seen.problem).toBeUndefined();
      expect(seen).toMatchObject({ version: expect.stringMatching(/^\d/) as string, clockAheadMs: 0 });
      expect(seen.rules.map(({ name, error, intervalMs }) => [name, error, intervalMs])).toEqual([
        ['shop:broken', undefined, 200],
        ['ShopBroken', undefined, 200],
        ['ShopGone', undefined, 200],
      ]);
      expect(seen.scrapes).toMatchObject([{ service: 'shop', intervalMs: 200, downMs: [] }]);
      expect(seen.scrapes[0]?.samples).toBeGreaterThan(3);
      const [firing, ...others] = seen.firings;
      expect(others).toEqual([]);
      expect(firing).toMatchObject({ alert: 'ShopBroken', labels: { severity: 'page' } });
      // In the order in which it happened; how long each took is the machine's affair.
      const { firedMs = 0, resolvedMs = 0 } = firing ?? {};
      expect([brokenMs, firedMs, wellMs, resolvedMs, endMs]).toEqual(
        [brokenMs, firedMs, wellMs, resolvedMs, endMs].toSorted((a, b) => a - b),
      );
      await expect(watchAlerts({ ...plan, watched: [{ alert: 'ShopBrocken' }] }, url, context)).rejects.toMatchObject({
        code: 'unknown-alert',
        hint: 'did you mean "ShopBroken"?',
      });
    }
    expect(existsSync(data)).toBe(false);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    await expect(watchAlerts(plan, url, context)).rejects.toMatchObject({ code: 'prometheus-unreachable' });
  });

  test('that ends meanwhile is a problem of the observation, and no error', async () => {
    await using prometheus = await start();
    const plan: AlertsPlan = { prometheus: SETTINGS, watched: [{ alert: 'ShopGone' }], expect: [], quiet: true };
    await using watch = await watchAlerts(plan, prometheus.url, context);
    process.kill(-prometheus.pid, 'SIGKILL');
    await prometheus.exited;
    expect((await watch.finish(Date.now(), 1_000)).problem).toMatch(/^it did not answer: /);
  });

  test('is not ready while a service cannot be scraped: says which, and is stopped by an abort', async () => {
    status = 503;
    const starting = start();
    starting.catch(() => {});
    await until('it was started', () => guard.held.size === 1);
    context.abort();
    await expect(starting).rejects.toMatchObject({ code: 'aborted' });
  });

  test('that does not start says why', async () => {
    const path = join(context.folder, 'prometheus.sh');
    writeFileSync(path, '#!/bin/sh\necho "no space left" >&2; exit 3\n', { mode: 0o755 });
    await expect(start(SETTINGS, path)).rejects.toMatchObject({
      code: 'prometheus-not-ready',
      message: expect.stringMatching(/it ended \(exit code 3\)[^]*no space left/) as string,
    });
  });

  test('has its rules read before: promtool says what is wrong', async () => {
    await checkRules(SETTINGS, prometheusPaths().promtool, context);
    expect(readFileSync(join(context.folder, 'prometheus', 'rules.yml'), 'utf8')).toContain('ShopBroken');
    const groups = [{ name: 'shop', rules: [{ alert: 'ShopBroken', expr: 'sum(broken' }] }];
    await expect(checkRules({ ...SETTINGS, groups }, prometheusPaths().promtool, context)).rejects.toMatchObject({
      code: 'invalid-rules',
      exitCode: 2,
      message: expect.stringMatching(/unclosed left parenthesis/) as string,
    });
  });
});
