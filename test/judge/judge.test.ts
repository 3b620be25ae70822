import { describe, expect, test } from 'vitest';
import { judge, judgePhase, overall, summarise } from '../../lib/judge/judge.ts';
import type { Observations, Second } from '../../lib/observe/observations.ts';
import { DELAY, between, budgets, healthy, operation, planOf, seen, times } from './builders.ts';

const LATENCY = { kind: 'latency', operation: 'quote', under: '100ms', atLeast: '95%' };
const PLAN = planOf({
  faults: [DELAY],
  budgets: budgets(
    { ...LATENCY, phase: 'steady' },
    { ...LATENCY, phase: 'fault', name: 'quotes stay fast while the engine is slow' },
    { kind: 'errors', operation: '*', phase: 'fault', atMost: '1%' },
    { kind: 'throughput', phase: 'recovery' },
    { kind: 'cpu', service: 'monolith', phase: 'steady', atMost: '0.6 cores' },
    { kind: 'memory', service: 'monolith', phase: 'fault', atMost: '100MiB' },
    { kind: 'recovery', operation: 'quote', after: 'slow-engine', within: '3s', under: '100ms', atLeast: '95%' },
  ),
});

function slow(phase: string): Partial<Second> {
  return { operations: [operation({ phase, okMs: times(100, 900) })] };
}

/** Stopped by the steady-state gate: the load ends with the phase, and nothing was injected. */
function stoppedAt(loadEndMs: number, change?: (second: Second) => Second): Observations {
  const all = healthy(PLAN, change);
  return {
    ...all,
    loadEndMs,
    seconds: all.seconds.filter(({ t }) => t * 1_000 < loadEndMs),
    generator: { ...all.generator, exit: { code: 105, signal: null } },
    faults: [seen(DELAY, { injectedMs: undefined, removedMs: undefined })],
  };
}

function outcomes(observations: Observations, plan = PLAN): Record<string, string> {
  return Object.fromEntries(judge(plan, observations).map(({ id, outcome }) => [id, outcome]));
}

const HUNGRY: Observations['generator'] = { ...healthy(PLAN).generator, pushesMs: [] };

describe('judge', () => {
  test('a healthy run passes all checks', () => {
    const checks = judge(PLAN, healthy(PLAN));
    expect(checks.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
    expect(checks.map(({ id }) => id)).toEqual([
      'latency:quote:steady',
      'latency:quote:fault',
      'errors:*:fault',
      'throughput:recovery',
      'cpu:monolith:steady',
      'memory:monolith:fault',
      'recovery:quote:slow-engine',
      'fault-effect:slow-engine',
      'generator',
      'integrity:system',
      'integrity:load',
    ]);
    expect(summarise(PLAN, checks)).toBe('pass: 11 of 11 checks held');
  });

  test('a broken budget is red, and the summary says which', () => {
    const checks = judge(PLAN, healthy(PLAN, between(15, 25, slow('fault'))));
    expect(overall(checks)).toBe('fail');
    expect(summarise(PLAN, checks)).toBe(
      'fail: quotes stay fast while the engine is slow: 0 % of 1000 under 100 ms, at least 95 % needed',
    );
  });

  test('an unhealthy generator makes what depends on the load inconclusive, and nothing else', () => {
    const observations = healthy(PLAN, (same) => ({
      ...between(15, 30, slow('fault'))(same),
      resources: same.resources.map((window) => ({ ...window, cpuCores: window.cpuCores * 1.5 })),
    }));
    expect(outcomes(observations)).toMatchObject({ 'latency:quote:fault': 'fail', 'cpu:monolith:steady': 'fail' });
    const hungry = { ...observations, generator: HUNGRY };
    expect(outcomes(hungry)).toMatchObject({
      'latency:quote:fault': 'inconclusive',
      'recovery:quote:slow-engine': 'inconclusive',
      'cpu:monolith:steady': 'fail',
      generator: 'inconclusive',
    });
    const check = judge(PLAN, hungry).find(({ id }) => id === 'latency:quote:fault');
    expect(check?.reason).toMatch(/^would fail \(0 % of .*\), but the load generator was not healthy: no metrics came/);
  });

  test('an unhealthy generator alone makes the run inconclusive', () => {
    const checks = judge(PLAN, { ...healthy(PLAN, between(15, 25, slow('fault'))), generator: HUNGRY });
    expect(overall(checks)).toBe('inconclusive');
    expect(summarise(PLAN, checks)).toMatch(
      /^inconclusive: the load generator was healthy: no metrics came .* \(and \d more\)$/,
    );
  });

  test('a service that died stays red whatever the generator did', () => {
    const incidents = [{ atMs: 20_000, source: 'engine', message: 'ended with exit code 137' }];
    const checks = judge(PLAN, { ...healthy(PLAN), incidents, generator: HUNGRY });
    expect(overall(checks)).toBe('fail');
    expect(summarise(PLAN, checks)).toMatch(/^fail: no service died during the run: engine: ended/);
  });

  test('when the steady phase does not hold, it is red and later phases were not reached', () => {
    const checks = judge(PLAN, stoppedAt(15_000, between(5, 15, slow('steady'))));
    const byId = Object.fromEntries(checks.map((check) => [check.id, check]));
    expect(byId['latency:quote:steady']?.outcome).toBe('fail');
    for (const id of [
      'latency:quote:fault',
      'throughput:recovery',
      'recovery:quote:slow-engine',
      'fault-effect:slow-engine',
    ]) {
      expect(byId[id]).toMatchObject({ outcome: 'inconclusive', measured: 'not reached' });
      expect(byId[id]?.reason).toMatch(/^not reached: the budgets of the phase steady did not hold/);
    }
    expect(overall(checks)).toBe('fail');
    expect(summarise(PLAN, checks)).toMatch(
      /at least 95 % needed; the steady phase did not hold, so nothing was learnt/,
    );
  });

  test('a phase that was cut short shows nothing, except memory above its limit', () => {
    const fat = (same: Second): Second => ({
      ...same,
      resources: same.resources.map((window) => ({ ...window, rssBytes: 200 * 1024 ** 2 })),
    });
    expect(outcomes(stoppedAt(20_000))).toMatchObject({
      'latency:quote:steady': 'pass',
      'latency:quote:fault': 'inconclusive',
      'errors:*:fault': 'inconclusive',
      'memory:monolith:fault': 'inconclusive',
    });
    expect(outcomes(stoppedAt(20_000, (same) => fat(between(15, 25, slow('fault'))(same))))).toMatchObject({
      'latency:quote:fault': 'inconclusive',
      'memory:monolith:fault': 'fail',
    });
  });

  test('what was inconclusive anyway keeps its own reason when the phase was cut short', () => {
    const plan = { ...PLAN, budgets: budgets({ ...LATENCY, operation: 'quotes', phase: 'fault' }) };
    expect(judge(plan, stoppedAt(20_000))[0]?.reason).toBe('no request of quotes was seen in the whole run');
  });

  test('what compares two phases needs both of them whole', () => {
    const plan = planOf({
      budgets: budgets(
        { kind: 'latency-rise', operation: 'quote', phase: 'steady', against: 'fault' },
        { kind: 'goodput', operation: 'quote', phase: 'fault', against: 'steady', under: '100ms' },
      ),
    });
    const run = healthy(plan);
    const checks = (loadEndMs: number) => judge(plan, { ...run, loadEndMs });
    expect(
      checks(35_000)
        .map(({ outcome }) => outcome)
        .slice(0, 2),
    ).toEqual(['pass', 'pass']);
    for (const check of checks(20_000).slice(0, 2)) {
      expect(check.outcome).toBe('inconclusive');
      expect(check.reason).toMatch(/^would pass \(.*but the load ended after 20 s and the phase fault was to last/);
    }
    for (const check of checks(14_000).slice(0, 2))
      expect(check.reason).toMatch(/^not reached: .* before the phase fault began/);
  });

  test("a check carries its budget's name in the catalogue", () => {
    const named = { catalogue: 'CAP-1', operation: 'quote', under: '100ms', atLeast: '95%' };
    const plan = planOf({
      faults: [DELAY],
      budgets: budgets(
        { kind: 'latency', phase: 'steady', ...named },
        { kind: 'recovery', after: 'slow-engine', within: '3s', ...named },
      ),
    });
    expect(
      judge(plan, healthy(plan))
        .slice(0, 3)
        .map(({ catalogue }) => catalogue),
    ).toEqual(['CAP-1', 'CAP-1', 'HRN-4']);
  });

  test('which kinds an unhealthy generator casts doubt on', () => {
    const plan = planOf({
      budgets: budgets(
        { kind: 'latency-rise', operation: 'quote', phase: 'fault', against: 'steady' },
        { kind: 'goodput', operation: 'quote', phase: 'fault', against: 'steady', under: '100ms' },
        { kind: 'rejections', operation: 'quote', phase: 'recovery' },
        { kind: 'quota', operation: 'quote', phase: 'steady', rate: '10/s' },
        { kind: 'cpu-per-request', service: 'monolith', phase: 'steady', atMost: '1ms' },
        { kind: 'memory-growth', service: 'monolith', phase: 'long' },
      ),
      phases: [
        ...planOf({}).load.phases,
        { name: 'long', startMs: 35_000, endMs: 65_000, fromPerSecond: 100, toPerSecond: 100 },
      ],
    });
    const broken = healthy(plan, (same) => ({
      ...same,
      operations: [
        same.phase === 'fault'
          ? operation({ phase: 'fault', okMs: times(100, 900) })
          : operation({ phase: same.phase, okMs: times(85, 5), failedMs: times(15, 5) }),
      ],
      resources: same.resources.map((one) => ({ ...one, rssBytes: one.rssBytes * (1 + same.t) })),
    }));
    const kinds = (observations: Observations) =>
      judge(plan, observations)
        .slice(0, 6)
        .map(({ outcome }) => outcome);
    expect(kinds(broken)).toEqual(times(6, 'fail'));
    expect(kinds({ ...broken, generator: HUNGRY })).toEqual([...times(5, 'inconclusive'), 'fail']);
  });

  test('a damaged timeline is inconclusive, check by check, and never a pass', () => {
    const damaged = healthy(PLAN).seconds.map((same) => ({
      ...same,
      operations: [{ phase: same.phase, operation: 'quote' }],
    }));
    const checks = judge(PLAN, { ...healthy(PLAN), seconds: damaged as unknown as Second[] });
    const latency = checks.find(({ id }) => id === 'latency:quote:steady');
    expect(latency).toMatchObject({
      outcome: 'inconclusive',
      title: 'quote: ≥ 95 % under 100 ms in steady',
      events: 0,
    });
    expect(latency?.reason).toMatch(/^the check itself broke down: TypeError/);
    expect(checks.find(({ id }) => id === 'cpu:monolith:steady')?.outcome).toBe('pass');
  });

  test('nothing observed: nothing passes', () => {
    const nothing = { ...healthy(PLAN), seconds: [], faults: [], generator: HUNGRY, loadEndMs: 0 };
    expect(judge(PLAN, nothing).map(({ outcome }) => outcome)).not.toContain('pass');
  });

  test('resource use after the planned end is not averaged in', () => {
    const plan = planOf({
      budgets: budgets({ kind: 'cpu', service: 'monolith', phase: 'recovery', atMost: '0.4 cores' }),
    });
    const run = healthy(plan);
    const idle = (run.seconds.at(-1)?.resources ?? []).map((window) => ({ ...window, cpuCores: 0 }));
    const drained = Array.from(
      { length: 20 },
      (_, index) => ({ ...run.seconds[34], t: 35 + index, resources: idle }) as Second,
    );
    expect(outcomes({ ...run, seconds: [...run.seconds, ...drained] }, plan)).toMatchObject({
      'cpu:monolith:recovery': 'fail',
    });
  });
});

describe('judgePhase', () => {
  test('judges the budgets of that phase only, under the ids of the verdict', () => {
    const plan = planOf({
      budgets: budgets(
        { ...LATENCY, phase: 'fault' },
        { ...LATENCY, phase: 'steady' },
        { ...LATENCY, phase: 'steady', under: '1ms' },
      ),
    });
    const { seconds } = healthy(plan);
    expect(judgePhase(plan, seconds.slice(0, 15), 'steady').map(({ id, outcome }) => [id, outcome])).toEqual([
      ['latency:quote:steady', 'pass'],
      ['latency:quote:steady-2', 'fail'],
    ]);
  });
});

describe('judgePhase, of what compares', () => {
  test('judges it once both phases are over', () => {
    const plan = planOf({
      budgets: budgets(
        { kind: 'latency-rise', operation: 'quote', phase: 'steady', against: 'fault' },
        { kind: 'latency-rise', operation: 'quote', phase: 'steady', against: 'warm-up', minEvents: 100 },
      ),
    });
    const { seconds } = healthy(plan);
    expect(judgePhase(plan, seconds.slice(0, 15), 'steady').map(({ id, outcome }) => [id, outcome])).toEqual([
      ['latency-rise:quote:steady-2', 'pass'],
    ]);
  });
});

describe('overall', () => {
  test.each([
    [[], 'inconclusive'],
    [['pass', 'pass'], 'pass'],
    [['pass', 'inconclusive'], 'inconclusive'],
    [['inconclusive', 'fail', 'pass'], 'fail'],
  ] as const)('%j is %s', (list, outcome) => {
    const [template] = judge(PLAN, healthy(PLAN));
    const checks = list.map((each) => ({ ...template, outcome: each })) as Parameters<typeof overall>[0];
    expect(overall(checks)).toBe(outcome);
  });

  test('without checks the summary says so', () => {
    expect(summarise(PLAN, [])).toBe('inconclusive: nothing was checked');
  });
});
