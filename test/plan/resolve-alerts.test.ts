import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, describe, expect, test } from 'vitest';
import { loadPlans } from '../../lib/plan/load-plans.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { PlanError, type Problem } from '../../lib/plan/problem.ts';
import { aConfig, anExperiment } from './input.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-rules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RULES = file('shop.rules.yaml', {
  groups: [
    {
      name: 'shop',
      rules: [
        { record: 'shop:failed', expr: 'rate(failed_total[5m])' },
        { alert: 'ShopFails', expr: 'shop:failed > 0.1', for: '1m', labels: { severity: 'page' } },
      ],
    },
  ],
});

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : stringify(content));
  return path;
}

const SYSTEM = {
  services: {
    shop: { url: 'http://127.0.0.1:8080', metrics: '{{shop}}/metrics' },
    stock: { process: { command: ['stock', '{{stock.http}}', '{{data}}'] }, ports: ['http'] },
  },
  edges: { 'shop-stock': { from: 'shop', to: 'stock.http', protocol: 'http' as const } },
};
const FAULTS = [{ name: 'cut', kind: 'down', edge: 'shop-stock', during: 'broken' }];
const EXPECTED = { alert: 'ShopFails', during: 'cut', within: '2s', resolves: '3s' };

async function planOf(alerts: object): Promise<Plan> {
  const config = aConfig({ system: SYSTEM });
  const experiments = [{ ...anExperiment(), faults: FAULTS, alerts }];
  file('cutover.config.json', JSON.stringify({ ...config, experiments }));
  const { plans } = await loadPlans({ cwd: folder, names: [], overrides: [] });
  const [plan] = plans;
  if (plan === undefined) throw new Error('there is one experiment');
  return plan;
}

async function problemsOf(alerts: object): Promise<readonly Problem[]> {
  const error: unknown = await planOf(alerts).catch((thrown: unknown) => thrown);
  if (!(error instanceof PlanError)) return [];
  return error.problems.map((problem) => ({ ...problem, path: problem.path.replace('experiments[0].', '') }));
}

const running = (prometheus: object, expected: readonly object[] = [EXPECTED]) => ({
  prometheus: { url: 'http://127.0.0.1:9090', ...prometheus },
  expect: expected,
});
const own = (prometheus: object, expected: readonly object[] = [EXPECTED]) => ({
  prometheus: { rules: [RULES], ...prometheus },
  expect: expected,
});

test('a Prometheus that runs already: what is expected is watched', async () => {
  const { alerts } = await planOf(running({}));
  expect(alerts).toEqual({
    prometheus: { url: 'http://127.0.0.1:9090', labels: {} },
    watched: [{ alert: 'ShopFails' }],
    expect: [{ alert: 'ShopFails', labels: {}, during: 'cut', within: 2_000, resolves: 3_000, burn: 14.4 }],
    quiet: true,
  });
});

describe('what cannot be is refused, with a hint', () => {
  test.each([
    [
      'a fault that there is not',
      running({}, [{ ...EXPECTED, during: 'cutt' }]),
      { path: 'alerts.expect[0].during', message: 'no such fault or phase', hint: 'did you mean "cut"?' },
    ],
    [
      'no time for it to resolve',
      running({}, [{ ...EXPECTED, resolves: '4s' }]),
      { path: 'alerts.expect[0].resolves', message: "is later than the load's end (15s)" },
    ],
    [
      'no time for it to fire',
      running({}, [{ alert: 'ShopFails', during: 'cut', within: '9s' }]),
      { path: 'alerts.expect[0].within', message: "is later than the load's end (15s)" },
    ],
    ['the same twice', running({}, [EXPECTED, EXPECTED]), { path: 'alerts.expect[1]', message: 'is there twice' }],
    ['nothing to watch', running({}, []), { path: 'alerts.prometheus.alerts', message: 'is missing' }],
    [
      'an alert that is not among those watched',
      running({ alerts: ['ShopFalls'] }),
      { path: 'alerts.expect[0].alert', message: 'no rule has this alert', hint: 'did you mean "ShopFalls"?' },
    ],
    [
      'a placeholder that stands for nothing',
      running({ url: 'http://{{shopp}}' }),
      { path: 'alerts.prometheus.url', message: 'unknown placeholder {{shopp}}', hint: 'did you mean "shop"?' },
    ],
    [
      'what is no URL',
      running({ url: 'prometheus:9090' }),
      { path: 'alerts.prometheus.url', message: 'must be a URL such as "http://127.0.0.1:9090"' },
    ],
    [
      'nothing that could fail',
      { prometheus: { url: 'http://127.0.0.1:9090', alerts: ['A'] }, quiet: 'off' },
      { path: 'alerts.quiet', message: 'must not be "off" where no alert is expected: nothing could fail' },
    ],
    [
      'an alert that no rule has',
      own({}, [{ ...EXPECTED, alert: 'ShopFailed' }]),
      { path: 'alerts.expect[0].alert', message: 'no rule has this alert', hint: 'did you mean "ShopFails"?' },
    ],
    [
      'a file that is not there',
      own({ rules: ['none.yaml'] }, []),
      { path: 'alerts.prometheus.rules[0]', message: 'no such file', value: 'none.yaml' },
    ],
    [
      'a file of another kind',
      own({ rules: [file('list.yaml', 'rules: []\n')] }, []),
      { message: expect.stringMatching(/^is no Prometheus rule file: groups: /) },
    ],
    [
      'a file that is no YAML',
      own({ rules: [file('bad.yaml', 'groups: [\n')] }, []),
      { message: expect.stringMatching(/line/) },
    ],
    ['no alert at all', own({ rules: [] }, []), { path: 'alerts.prometheus', message: 'has no alert' }],
    [
      'a service that there is not',
      own({ scrape: ['shopp'] }),
      { path: 'alerts.prometheus.scrape[0]', message: 'unknown service' },
    ],
    [
      'windows that are too short for the scrapes',
      own({ timeScale: 300 }),
      {
        path: 'alerts.prometheus.scrapeInterval',
        message: 'is too long for a range of 1s in the rules',
        hint: 'lower `timeScale`, or scrape more often',
      },
    ],
    [
      'a service without metrics',
      own({ scrape: ['stock'] }),
      { path: 'alerts.prometheus.scrape[0]', message: 'has no `metrics` that could be scraped' },
    ],
  ])('%s', async (_, alerts, problem) => {
    expect(await problemsOf(alerts)).toEqual([expect.objectContaining(problem)]);
  });
});

test('rules are made of budgets, as fast as it is asked for', async () => {
  const { alerts } = await planOf({
    prometheus: {
      rulesFromBudgets: { requests: 'hits_total' },
      scrape: [{ service: 'shop', labels: { job: 'a' } }],
      timeScale: 150,
    },
    expect: [{ alert: 'ErrorBudgetBurn', during: 'cut', within: '2s' }],
  });
  const { prometheus, watched } = alerts ?? {};
  if (prometheus === undefined || !('groups' in prometheus)) throw new Error('it is an own one');
  expect(prometheus.scrape).toEqual([{ service: 'shop', labels: { job: 'a' } }]);
  const [rule] = prometheus.groups[0]?.rules ?? [];
  expect(rule).toMatchObject({
    record: 'slo:bad_events:ratio_rate5m',
    expr: expect.stringContaining('hits_total[2s]'),
  });
  // Three days, 150 times as fast.
  expect(watched).toEqual([{ alert: 'ErrorBudgetBurn', lookbackMs: 1_728_000 }]);
});
