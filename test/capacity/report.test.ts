import { describe, expect, test } from 'vitest';
import { assembleReport } from '../../lib/capacity/assemble-report.ts';
import { limitingBudget, saturatedResource } from '../../lib/capacity/limits.ts';
import { COOL_DOWN, probePlan } from '../../lib/capacity/probe-plan.ts';
import { planCapacity } from '../../lib/capacity/settings.ts';
import { capacitySchema } from '../../lib/plan/schema/capacity.ts';
import { type Probe, capacityReportSchema } from '../../reports/model/capacity.ts';
import { DELAY, budgets, phases, planOf } from '../judge/builders.ts';

const STEADY = { kind: 'latency', operation: 'quote', phase: 'steady', under: '50ms', atLeast: '99%' };

function planWith(capacity: object = {}, more: readonly object[] = []) {
  return {
    ...planOf({
      faults: [DELAY],
      budgets: budgets(STEADY, { kind: 'errors', phase: 'fault', atMost: '1%' }, ...more),
    }),
    capacity: capacitySchema.parse(capacity),
  };
}

function probe(index: number, perSecond: number, parts: Partial<Probe> = {}): Probe {
  return {
    index,
    purpose: 'climb',
    perSecond,
    outcome: 'pass',
    reason: 'every budget held',
    broken: [],
    generatorLimited: false,
    cpuCores: { monolith: perSecond / 200, machine: 0.5 },
    rssBytes: {},
    folder: `probes/${index}`,
    ...parts,
  };
}

describe('a probe’s plan', () => {
  test('is the steady phase at the rate, with the budgets that it alone decides, and no fault', () => {
    const plan = probePlan(planCapacity(planWith()), 60);
    expect(
      plan.load.phases.map(({ name, startMs, endMs, fromPerSecond }) => [name, startMs, endMs, fromPerSecond]),
    ).toEqual([
      [COOL_DOWN, 0, 5_000, 6],
      ['warm-up-of-probe', 5_000, 8_000, 60],
      // 99 % of quote: ten bad ones are 1,000 events.
      ['steady', 8_000, 25_000, 60],
    ]);
    expect(plan.faults).toEqual([]);
    expect(plan.budgets).toHaveLength(1);
    expect(plan.load.maxVUs).toBe(120);
    expect(plan).not.toHaveProperty('capacity');
  });

  test('rests only where a service runs already', () => {
    const base = planWith();
    const started = { process: { command: ['x'], env: {}, stopTimeout: 1_000 }, ports: [] };
    const plan = { ...base, system: { ...base.system, services: { monolith: started, engine: started } } };
    expect(probePlan(planCapacity(plan), 200).load.phases.map(({ name }) => name)).toEqual([
      'warm-up-of-probe',
      'steady',
    ]);
  });

  test('is at most a minute long, and has at most 3,000 virtual users', () => {
    const plan = probePlan(planCapacity(planWith()), 2);
    expect(plan.load.phases.at(-1)).toMatchObject({ startMs: 8_000, endMs: 68_000 });
    expect(probePlan(planCapacity(planWith()), 50_000).load.maxVUs).toBe(3_000);
  });

  test('has as many virtual users as the experiment allows, where those are more', () => {
    const base = planWith();
    const plan = { ...base, load: { ...base.load, maxVUs: 8_000 } };
    expect(probePlan(planCapacity(plan), 50_000).load.maxVUs).toBe(8_000);
  });

  test('is long enough for an errors budget to be broken by ten failures', () => {
    const rare = planWith({}, [{ kind: 'errors', phase: 'steady', atMost: '0.2%' }]);
    expect(probePlan(planCapacity(rare), 200).load.phases.at(-1)).toMatchObject({ startMs: 8_000, endMs: 33_000 });
  });

  test('rests longer when it is told to', () => {
    expect(probePlan(planCapacity(planWith()), 60, 30_000).load.phases[0]).toMatchObject({ endMs: 30_000 });
  });

  test('defaults: from half of the steady rate, up to twenty times', () => {
    expect(planCapacity(planWith())).toMatchObject({
      fromPerSecond: 50,
      upToPerSecond: 2_000,
      steady: { perSecond: 100 },
    });
  });

  test.each([
    [{ ...planWith(), budgets: [] }, 'no budget in the phase "steady"'],
    [{ ...planWith(), load: { ...planWith().load, phases: phases(['other', 5, 10]) } }, 'no phase "steady"'],
    [planWith({ from: '50/s', upTo: '20/s' }), 'no rates to probe between 50/s and 20/s'],
  ])('what cannot be probed is refused', (plan, message) => {
    expect(() => planCapacity(plan)).toThrow(message);
  });
});

describe('what limits', () => {
  const where = { cpus: 4, services: ['monolith', 'engine'] };
  const failing = (cpuCores: Record<string, number>, beyond: Record<string, number> = cpuCores) => [
    probe(1, 100, { cpuCores: { monolith: 0.5, engine: 0.1, machine: 1 } }),
    probe(2, 200, { cpuCores: { monolith: 0.97, engine: 0.2, machine: 1.4 } }),
    probe(3, 210, { outcome: 'fail', broken: ['quotes', 'errors'], cpuCores }),
    probe(4, 210, { outcome: 'fail', broken: ['quotes'], cpuCores }),
    probe(5, 400, { outcome: 'fail', broken: ['errors'], cpuCores: beyond }),
  ];

  test('the budget that broke most often at the first failing rate', () => {
    expect(limitingBudget(failing({}), 210)).toBe('quotes');
    expect(limitingBudget(failing({}), undefined)).toBeUndefined();
  });

  test.each([
    ['the machine', { monolith: 2, engine: 1, machine: 3.8 }, /^CPU of the machine \(95 % busy\)/],
    ['a service at one whole core', { monolith: 0.99, engine: 0.2, machine: 1.5 }, /^CPU of monolith \(0\.99 cores\)/],
    ['the busier of two', { monolith: 0.92, engine: 1.95, machine: 3 }, /^CPU of engine \(1\.95 cores\)/],
    ['nothing that is seen', { monolith: 0.2, engine: 0.3, machine: 0.5 }, /^none that is seen/],
  ])('%s', (_, cpuCores, resource) => {
    expect(saturatedResource(failing(cpuCores), 210, where)).toMatch(resource);
  });

  test('a service that used more of its cores further up was not at its end', () => {
    const cpuCores = { monolith: 0.99, engine: 0.2, machine: 1.5 };
    expect(saturatedResource(failing(cpuCores, { monolith: 1.9 }), 210, where)).toMatch(/^none that is seen/);
  });

  test('without a failing probe there is none', () => {
    expect(saturatedResource([probe(1, 100)], undefined, where)).toBeUndefined();
  });
});

describe('the report', () => {
  const environment = { tools: [], host: { cpus: 2, cpuModel: 'x', memoryBytes: 1, platform: 'linux' } };
  const run = { id: 'r', startedAt: '2026-01-01T00:00:00Z', endedAt: '2026-01-01T00:01:00Z', seed: 1, planSha256: 'a' };
  const report = (found: Parameters<typeof assembleReport>[0]['found'], settings: object = {}) =>
    assembleReport({
      capacity: planCapacity(planWith(settings)),
      found,
      probes: [probe(1, 100), probe(2, 210, { outcome: 'fail', broken: ['quotes'] })],
      run,
      environment,
      cutoverVersion: '0',
    });

  test.each([
    ['found', {}, 'pass'],
    ['no-bound', {}, 'inconclusive'],
    ['generator-limited', {}, 'inconclusive'],
    ['found', { forecast: '150/s' }, 'pass'],
    ['found', { forecast: '150/s', headroom: '150%' }, 'fail'],
    ['no-bound', { forecast: '150/s' }, 'pass'],
    ['out-of-probes', { forecast: '300/s' }, 'inconclusive'],
    ['aborted', { forecast: '10/s' }, 'inconclusive'],
  ] as const)('%s with %j is %s', (ending, settings, outcome) => {
    const made = report({ ending, lastPass: 200, firstFail: 210 }, settings);
    expect(made.outcome).toBe(outcome);
    expect(capacityReportSchema.parse(made)).toEqual(made);
    expect(made.summary).toMatch(new RegExp(`^${outcome}: `));
  });

  test('names the limit and the headroom', () => {
    const made = report({ ending: 'found', lastPass: 200, firstFail: 210 }, { forecast: '160/s', headroom: '120%' });
    expect(made.summary).toBe(
      'pass: holds 200/s, breaks at 210/s (quotes); of the forecast 160/s: 125 %, wanted are 120 %',
    );
    expect(made).toMatchObject({ headroom: 1.25, limitingBudget: 'quotes', usl: { fitted: false } });
  });

  test('the model is fitted to probes with an answer', () => {
    const probes = [2, 4, 8, 16, 32, 64].map((concurrency, index) =>
      probe(index + 1, concurrency * 9, { concurrency, achievedPerSecond: concurrency * 9 }),
    );
    const fitted = (last: Probe['outcome']) =>
      assembleReport({
        capacity: planCapacity(planWith()),
        found: { ending: 'unstable', lastPass: 288, firstFail: undefined },
        probes: probes.map((one, index) => (index === 5 ? { ...one, outcome: last } : one)),
        run,
        environment,
        cutoverVersion: '0',
      });
    expect(fitted('fail').usl).toMatchObject({ fitted: true, levels: 6 });
    expect(fitted('inconclusive').usl).toMatchObject({ fitted: false });
  });

  test('unstable: a rate without an answer, or several with two', () => {
    const found = { ending: 'unstable', lastPass: 100, firstFail: 210 } as const;
    expect(report(found).summary).toBe(
      'inconclusive: unstable: holds 100/s, breaks at 210/s (quotes), but three rates answered one way and then the other',
    );
  });

  test('nothing held at the forecast is red', () => {
    const made = report({ ending: 'nothing-held', lastPass: undefined, firstFail: 2 }, { forecast: '100/s' });
    expect(made.outcome).toBe('fail');
  });
});
