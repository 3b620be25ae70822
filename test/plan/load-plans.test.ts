import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConfigInput, ExperimentInput } from '../../lib/index.ts';
import { type Plans, loadPlans } from '../../lib/plan/load-plans.ts';
import { parseOverride } from '../../lib/plan/override.ts';
import { PlanError } from '../../lib/plan/problem.ts';
import { aConfig, anExperiment } from './input.ts';

let cwd: string;
beforeEach(() => void (cwd = mkdtempSync(join(tmpdir(), 'cutover-plan-'))));
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(join(cwd, name), text);
}

async function load(config: unknown, names: string[] = [], set: string[] = []): Promise<Plans> {
  write('cutover.config.json', JSON.stringify(config));
  return loadPlans({ cwd, names, overrides: set.map(parseOverride) });
}

async function problemsOf(config: unknown, set: string[] = []): Promise<string> {
  const error: unknown = await load(config, [], set).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PlanError);
  return (error as PlanError).message;
}

function withExperiment(changes: Partial<ExperimentInput> | Record<string, unknown>): ConfigInput {
  return aConfig({ experiments: [{ ...anExperiment(), ...changes }] });
}

describe('a valid config', () => {
  test('becomes a plan on one clock', async () => {
    const config = withExperiment({
      faults: [{ kind: 'latency', edge: 'shop-stock', latency: '300ms', during: 'broken' }],
    });
    const { plans } = await load(config);
    expect(plans).toHaveLength(1);
    const [plan] = plans;
    expect(plan?.load.phases.map(({ name, startMs, endMs }) => [name, startMs, endMs])).toEqual([
      ['warm-up', 0, 2_000],
      ['steady', 2_000, 7_000],
      ['broken', 7_000, 12_000],
      ['recovery', 12_000, 15_000],
    ]);
    expect(plan?.faults).toEqual([
      {
        name: 'latency-shop-stock',
        kind: 'latency',
        edge: 'shop-stock',
        startMs: 7_000,
        endMs: 12_000,
        direction: 'replies',
        connections: 1,
        latencyMs: 300,
        jitterMs: 0,
      },
    ]);
    expect(plan?.budgets).toEqual([{ kind: 'errors', operation: '*', phase: 'steady', atMost: 0.01, minEvents: 100 }]);
  });

  test.each([
    ['json', (experiment: object) => JSON.stringify(experiment)],
    ['yaml', (experiment: object) => `# YAML may have comments\n${JSON.stringify(experiment, null, 2)}`],
    [
      'ts',
      (experiment: object) => `const experiment: object = ${JSON.stringify(experiment)};\nexport default experiment;`,
    ],
  ])('takes experiments from .%s files', async (extension, print) => {
    write(`checkout.experiment.${extension}`, print(anExperiment()));
    const { plans } = await load(aConfig({ experiments: ['*.experiment.*'] }));
    expect(plans.map((plan) => plan.experiment)).toEqual(['checkout']);
  });

  test('gives its defaults to experiments that set nothing', async () => {
    const { scenario: _, ...rest } = anExperiment().load;
    const defaults = { seed: 7, load: { scenario: 'builtin:http', env: { TOKEN: 'x', URL: 'overridden' } } };
    const { plans } = await load({ ...withExperiment({ load: rest }), defaults });
    expect(plans[0]?.seed).toBe(7);
    expect(plans[0]?.load.env).toEqual({ TOKEN: 'x', URL: '{{shop}}/cart' });
    expect(plans[0]?.load.scenario).toMatch(/scenarios\/http\.ts$/);
  });

  test('runs only what is asked for, and an experiment file that the config does not list', async () => {
    write('other.json', JSON.stringify(anExperiment({ name: 'other' })));
    const { plans } = await load(aConfig(), ['other.json']);
    expect(plans.map((plan) => plan.experiment)).toEqual(['other']);
    await expect(load(aConfig(), ['chekout'])).rejects.toThrow('no experiment "chekout"');
  });
});

describe('a wrong input is named by file, path, value and hint', () => {
  test.each<[string, unknown, string]>([
    [
      'unknown key',
      withExperiment({ budgetz: [] }),
      'experiments[0].budgetz: unknown key (is [])\n  hint: did you mean "budgets"?',
    ],
    [
      'unknown key deep inside',
      withExperiment({ load: { ...anExperiment().load, phases: [{ name: 'steady', duration: '5s', rates: '10/s' }] } }),
      'load.phases[0].rates: unknown key (is "10/s")\n  hint: did you mean "rate"?',
    ],
    [
      'bad duration',
      withExperiment({
        load: { ...anExperiment().load, phases: [{ name: 'steady', duration: '5 sec', rate: '10/s' }] },
      }),
      'load.phases[0].duration: must be a duration such as "250ms", "30s" or "1m30s" (is "5 sec")',
    ],
    [
      'bad rate',
      withExperiment({ load: { ...anExperiment().load, phases: [{ name: 'steady', duration: '5s', rate: 10 }] } }),
      'load.phases[0].rate: must be a rate such as "200/s", { from, to }, { steps: […] } or { csv: file, peak? } (is 10)',
    ],
    [
      'unknown kind of budget',
      withExperiment({ budgets: [{ kind: 'latencies' }] }),
      'budgets[0].kind: unknown kind (is "latencies")\n  hint: did you mean "latency"?',
    ],
    [
      'unknown phase',
      withExperiment({ budgets: [{ kind: 'errors', phase: 'stedy', atMost: '1%' }] }),
      'budgets[0].phase: unknown phase (is "stedy")\n  hint: did you mean "steady"?',
    ],
    [
      'unknown service',
      withExperiment({ budgets: [{ kind: 'cpu', service: 'stok', phase: 'steady', atMost: '1 core' }] }),
      'budgets[0].service: unknown service (is "stok")\n  hint: did you mean "stock"?',
    ],
    [
      'unknown edge',
      withExperiment({ faults: [{ kind: 'down', edge: 'shop-stok', during: 'broken' }] }),
      'faults[0].edge: unknown edge (is "shop-stok")\n  hint: did you mean "shop-stock"?',
    ],
    [
      'unknown fault',
      withExperiment({ budgets: [{ kind: 'recovery', after: 'x', within: '1s', under: '1s', atLeast: '9%' }] }),
      'budgets[0].after: unknown fault or phase (is "x")',
    ],
    [
      'fault without a time',
      withExperiment({ faults: [{ kind: 'down', edge: 'shop-stock' }] }),
      'faults[0]: must say when\n  hint: either `during: "<phase>"`, or `at` and `for`',
    ],
    [
      'fault that ends after the load',
      withExperiment({ faults: [{ kind: 'down', edge: 'shop-stock', at: '14s', for: '5s' }] }),
      'faults[0].for: ends after the load does (15s) (is 5000)',
    ],
    [
      'fault before the steady phase ends',
      withExperiment({ faults: [{ kind: 'down', edge: 'shop-stock', at: '3s', for: '5s' }] }),
      'load.steady: the steady phase must end before the first fault starts',
    ],
    [
      'overlapping faults on one edge',
      withExperiment({
        faults: [
          { kind: 'down', edge: 'shop-stock', during: 'broken' },
          { kind: 'latency', latency: '1s', edge: 'shop-stock', at: '8s', for: '1s' },
        ],
      }),
      '"down-shop-stock" and "latency-shop-stock" are on the same edge at the same time',
    ],
    ['wrong type', withExperiment({ load: 5 }), 'experiments[0].load: must be an object (is 5)'],
    ['missing field', withExperiment({ name: undefined }), 'experiments[0].name: is missing\n  hint: must be a string'],
    ['no object at all', null, 'cutover.config.json: must be an object (is null)'],
    [
      'no arrivals',
      withExperiment({
        load: { ...anExperiment().load, phases: [{ name: 'steady', duration: '5s', rate: '0/s' }] },
      }),
      'load.phases: no phase has any arrivals',
    ],
    [
      'missing scenario',
      withExperiment({ load: { ...anExperiment().load, scenario: 'nowhere.ts' } }),
      'load.scenario: no such file (is "nowhere.ts")',
    ],
    [
      'unknown built-in scenario',
      withExperiment({ load: { ...anExperiment().load, scenario: 'builtin:htp' } }),
      'did you mean "http"?',
    ],
    [
      'unknown placeholder',
      withExperiment({ load: { ...anExperiment().load, env: { URL: '{{shopp}}' } } }),
      'unknown placeholder {{shopp}} (is "{{shopp}}")\n  hint: did you mean "shop"?',
    ],
    ['no budgets', withExperiment({ budgets: [] }), 'must have at least one budget'],
    ['newer version', withExperiment({ version: 2 }), 'experiments[0].version: must be 1 (is 2)'],
    [
      'unknown capability',
      withExperiment({ traffic: { pricing: 'full' } }),
      'traffic.pricing: unknown capability (is "full")\n  hint: the system has no trafficSwitch',
    ],
    ['service of no kind', { ...aConfig(), system: { services: { shop: { image: 'x' } } } }, 'system.services.shop'],
    [
      'typing error in a service',
      { ...aConfig(), system: { services: { shop: { process: { comand: ['x'] } } } } },
      'system.services.shop.process.comand: unknown key (is ["x"])\n  hint: did you mean "command"?',
    ],
    ['bad name', { ...aConfig(), system: { services: { 'Shop!': { url: 'http://127.0.0.1:1' } } } }, 'system.services'],
  ])('%s', async (_, config, message) => {
    expect(await problemsOf(config)).toContain(message);
  });

  /** They become parts of Toxiproxy's paths, of file names and of labels. */
  test.each(['a/b?c%20#d', '..', 'ünïcødé', 'a b', 'A', '-a', 'a'.repeat(64)])('an edge named "%s"', async (name) => {
    const { system } = aConfig();
    const edges = { [name]: { from: 'client', to: 'stock.http' } };
    expect(await problemsOf({ ...aConfig(), system: { ...system, edges } })).toContain(
      `system.edges.${name}: bad name: must be lower-case letters, digits and dashes, at most 63`,
    );
  });

  test('all at once, each on its own line', async () => {
    const message = await problemsOf(
      withExperiment({ nam: 'x', seed: -1, budgets: [{ kind: 'errors', phase: 'steady', atMost: 'few' }] }),
    );
    expect(message).toContain('experiments[0].nam: unknown key');
    expect(message).toContain('experiments[0].seed:');
    expect(message).toContain('experiments[0].budgets[0].atMost: must be a percentage such as "99.9%" (is "few")');
  });

  test('a system that refers to what is not there', async () => {
    const system = {
      services: {
        stock: {
          process: { command: ['stock', '{{stock.htp}}'] },
          ports: ['http'],
          metrics: 'http://{{stock.http}}/metrics',
        },
      },
      edges: { e: { from: 'shop', to: 'stock.grpc', evidence: { service: 'stok', metric: 'x' } } },
    };
    const message = await problemsOf({
      ...aConfig(),
      system,
      experiments: [anExperiment({ load: { ...anExperiment().load, env: {} } })],
    });
    expect(message).toContain('system.services.stock.process.command[1]: unknown placeholder {{stock.htp}}');
    expect(message).toContain('system.edges.e.from: unknown service (is "shop")');
    expect(message).toContain('system.edges.e.to: is no service port and no address (is "stock.grpc")');
    expect(message).toContain(
      'system.edges.e.evidence.service: is no service with metrics (is "stok")\n  hint: did you mean "stock"?',
    );
  });

  test.each([
    ['broken.experiment.json', '{ "version": 1, ', /broken\.experiment\.json: .*line 1/],
    ['broken.experiment.yaml', 'version: 1\nname: [x\n', /broken\.experiment\.yaml: .*line 3/],
    [
      'broken.experiment.ts',
      'export default {\n  version: 1,,\n};\n',
      /broken\.experiment\.ts: cannot be loaded: line 2/,
    ],
    ['empty.experiment.ts', 'export const x = 1;\n', /empty\.experiment\.ts: has no default export/],
  ])('%s', async (name, text, message) => {
    write(name, text);
    expect(await problemsOf(aConfig({ experiments: ['*.experiment.*'] }))).toMatch(message);
  });

  test('a glob that matches nothing', async () => {
    expect(await problemsOf(aConfig({ experiments: ['nowhere/*.ts'] }))).toContain(
      'experiments[0]: matches no file (is "nowhere/*.ts")',
    );
  });
});

describe('--set', () => {
  test('overrides any field, list elements by name or index', async () => {
    const { plans, output } = await load(
      aConfig(),
      [],
      ['load.phases.steady.rate=300/s', 'load.phases.0.duration=4s', 'seed=9', 'output=elsewhere'],
    );
    expect(plans[0]?.seed).toBe(9);
    expect(plans[0]?.load.phases[0]?.endMs).toBe(4_000);
    expect(plans[0]?.load.phases[1]?.toPerSecond).toBe(300);
    expect(output).toBe(join(cwd, 'elsewhere'));
  });

  test('is validated like the file', async () => {
    expect(await problemsOf(aConfig(), ['load.phases.steady.rate=fast'])).toContain(
      'load.phases[1].rate: must be a rate',
    );
    expect(await problemsOf(aConfig(), ['load.maxVU=5'])).toContain('did you mean "maxVUs"?');
  });

  test('reaches phases, variables, services, comparisons and the search for capacity', async () => {
    const { plans } = await load(
      aConfig(),
      [],
      [
        'load.phases.steady.rate={ steps: [5/s, 50/s] }',
        'load.phases.steady.env.KEYS=zipf',
        'services.stock.env.SIZE="3"',
        'load.phases.broken.duration=60s',
        'comparison={ phase: broken, blocks: 10 }',
        'capacity.upTo=500/s',
        'load.recordWrites=true',
      ],
    );
    expect(plans[0]?.load.phases[1]).toMatchObject({ toPerSecond: 50, env: { KEYS: 'zipf' } });
    expect(plans[0]?.load.phases.filter(({ block }) => block !== undefined)).toHaveLength(40);
    expect(plans[0]?.system.services['stock']).toMatchObject({ process: { env: { SIZE: '3' } } });
    expect(plans[0]?.capacity?.upTo).toBe(500);
    expect(plans[0]?.load.recordWrites).toBe(true);
  });

  test.each([
    ['load.phases.stedy.rate=1/s', 'no element "stedy" in a list of 4'],
    ['lod.seed=1', 'unknown field "lod"'],
    ['seed', 'must be path=value'],
    ['=1', 'must be path=value'],
    ['name.x=1', '"x" is below a plain value'],
  ])('%s is refused', async (text, message) => {
    await expect((async () => load(aConfig(), [], [text]))()).rejects.toThrow(message);
  });
});

describe('what a phase may change', () => {
  const phases = (changes: object) => ({
    load: { scenario: 'builtin:http', phases: [{ name: 'steady', duration: '5s', rate: '10/s', ...changes }] },
  });

  test('a recorded shape is fitted to the phase', async () => {
    write('day.csv', 'time,rate\n00:00,100\n12:00,400\n24:00,100\n');
    const { plans } = await load(withExperiment(phases({ rate: { csv: 'day.csv', peak: '20/s' } })));
    expect(plans[0]?.load.phases[0]).toMatchObject({
      fromPerSecond: 5,
      toPerSecond: 5,
      shape: [
        { atMs: 0, perSecond: 5 },
        { atMs: 2_500, perSecond: 20 },
        { atMs: 5_000, perSecond: 5 },
      ],
    });
    expect(plans[0]?.load.maxVUs).toBe(40);
  });

  test.each([
    [{ rate: { csv: 'none.csv' } }, 'load.phases[0].rate.csv: cannot be read'],
    [{ rate: { csv: 'wrong.csv' } }, 'load.phases[0].rate.csv: line 2: "5,fast": the rate must be a number'],
    [{ env: { URL: '{{shopp}}' } }, 'unknown placeholder {{shopp}}'],
    [{ traffic: { pricing: 'full' } }, 'load.phases[0].traffic.pricing: unknown capability'],
    [{ rate: { steps: ['1/s'] } }, 'load.phases[0].rate'],
  ])('%j is refused', async (changes, message) => {
    write('wrong.csv', '0,1\n5,fast\n');
    expect(await problemsOf(withExperiment(phases(changes)))).toContain(message);
  });
});

describe("an experiment's own settings of services", () => {
  test('lie over those of the system', async () => {
    const { plans } = await load(withExperiment({ services: { stock: { env: { SIZE: '3', AT: '{{stock.http}}' } } } }));
    expect(plans[0]?.system.services['stock']).toMatchObject({ process: { env: { SIZE: '3', AT: '{{stock.http}}' } } });
  });

  test.each([
    [{ stok: { env: {} } }, 'services.stok: unknown service'],
    [{ shop: { env: { A: 'b' } } }, 'services.shop: runs already'],
    [{ stock: { env: { A: '{{x}}' } } }, 'services.stock.env.A: unknown placeholder'],
  ])('%j is refused', async (services, message) => {
    expect(await problemsOf(withExperiment({ services }))).toContain(message);
  });
});

describe('budgets that compare', () => {
  const rise = { kind: 'latency-rise', phase: 'broken', against: 'steady' };
  test.each([
    [{ ...rise, against: 'stedy' }, 'budgets[0].against: unknown phase'],
    [{ ...rise, fault: 'none' }, 'budgets[0].fault: unknown fault'],
    [{ ...rise, phase: 'recovery', fault: 'slow' }, 'is not in force in the phase "recovery"'],
    [{ ...rise, fault: 'gone' }, 'is no latency fault'],
    [{ kind: 'goodput', phase: 'x', against: 'steady', under: '1s' }, 'budgets[0].phase: unknown phase'],
    [{ kind: 'memory-growth', phase: 'steady', service: 'shopp' }, 'budgets[0].service: unknown service'],
    [{ kind: 'cpu-per-request', phase: 'steady', service: 'shop' }, 'must have `atMost`, `drift` or both'],
    [{ kind: 'recovery', after: 'brokn', within: '1s', under: '1s', atLeast: '99%' }, 'unknown fault or phase'],
  ])('%j is refused', async (budget, message) => {
    const faults = [
      { name: 'slow', kind: 'latency', edge: 'shop-stock', latency: '50ms', at: '7s', for: '2s' },
      { name: 'gone', kind: 'down', edge: 'shop-stock', at: '9s', for: '2s' },
    ];
    const steady = { kind: 'errors', phase: 'steady', atMost: '1%' };
    expect(await problemsOf(withExperiment({ faults, budgets: [budget, steady] }))).toContain(message);
  });

  test('a phase that a comparison has split has no budgets of its own', async () => {
    const split = {
      load: { scenario: 'builtin:http', phases: [{ name: 'compare', duration: '60s', rate: '10/s' }] },
      comparison: { blocks: 10 },
    };
    const budgets = [{ kind: 'errors', phase: 'compare', atMost: '1%' }];
    expect(await problemsOf(withExperiment({ ...split, budgets }))).toContain('is split into blocks by the comparison');
    const { plans } = await load(withExperiment({ ...split, budgets: [] }));
    expect(plans[0]?.load.phases).toHaveLength(40);
    const faults = [{ kind: 'down', edge: 'shop-stock', during: 'compare' }];
    expect(await problemsOf(withExperiment({ ...split, budgets: [], faults }))).toContain(
      'faults[0].during: is split into blocks by the comparison',
    );
  });

  test.each([
    [{ baseline: { env: { A: '{{x}}' } } }, 'comparison.baseline.env.A: unknown placeholder {{x}}'],
    [{ candidate: { traffic: { pricing: 'off' } } }, 'comparison.candidate.traffic.pricing: unknown capability'],
    [
      { candidate: { traffic: { pricing: 'off' } } },
      'comparison.candidate.traffic.pricing: is not set by the baseline (is "off")',
    ],
    [
      { metrics: [{ of: 'memory', services: ['shop', 'stok'] }] },
      'comparison.metrics[0].services[1]: unknown service (is "stok")\n  hint: did you mean "stock"?',
    ],
    [{ phase: 'compair' }, 'comparison.phase: unknown phase (is "compair")'],
  ])('a comparison %j is refused', async (changes, message) => {
    const comparing = {
      load: { scenario: 'builtin:http', phases: [{ name: 'compare', duration: '60s', rate: '10/s' }] },
      comparison: { blocks: 10, ...changes },
      budgets: [],
    };
    expect(await problemsOf(withExperiment(comparing))).toContain(message);
  });

  test('steps are equal parts, with a jump between them', async () => {
    const rate = { steps: ['1/s', '5/s', '2/s'] };
    const steps = { scenario: 'builtin:http', phases: [{ name: 'steady', duration: '10s', rate }] };
    const { plans } = await load(withExperiment({ load: steps }));
    expect(plans[0]?.load.phases[0]?.shape).toEqual([
      { atMs: 0, perSecond: 1 },
      { atMs: 3_333.333, perSecond: 1 },
      { atMs: 3_333.333, perSecond: 5 },
      { atMs: 6_666.667, perSecond: 5 },
      { atMs: 6_666.667, perSecond: 2 },
      { atMs: 10_000, perSecond: 2 },
    ]);
  });
});
