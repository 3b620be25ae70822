import { describe, expect, test } from 'vitest';
import { toProbe } from '../../lib/capacity/probe.ts';
import { COOL_DOWN, probePlan } from '../../lib/capacity/probe-plan.ts';
import { notRecovered } from '../../lib/capacity/recovered.ts';
import { planCapacity } from '../../lib/capacity/settings.ts';
import { assembleVerdict } from '../../lib/judge/judge.ts';
import type { Second } from '../../lib/observe/observations.ts';
import type { Probe } from '../../reports/model/capacity.ts';
import { budgets, healthy, operation, planOf, times } from '../judge/builders.ts';

const BUDGET = { name: 'quotes', kind: 'latency', phase: 'steady', under: '50ms', atLeast: '99%' };
const HOST = { cpus: 2, cpuModel: 'x', memoryBytes: 1, platform: 'linux' };

/** A rest until 5 s, the warm-up until 8 s, the steady phase until 18 s. */
const plan = probePlan(planCapacity(planOf({ budgets: budgets(BUDGET) })), 100);

/** The requests of a second take this long; as many as its phase plans. */
const taking = (ms: number) => (second: Second) => ({
  ...second,
  operations: [operation({ phase: second.phase, okMs: times(second.offered, ms) })],
});

const untouched = (second: Second): Second => second;

function probeOf(change: (second: Second) => Second = untouched, leftover?: string): Probe {
  const observations = healthy(plan, change);
  const run = { id: 'r', startedAt: '2026-01-01T00:00:00Z', endedAt: '2026-01-01T00:01:00Z', seed: 1, planSha256: 'a' };
  const verdict = assembleVerdict({
    plan,
    observations,
    run: { ...run, scenarioSha256: 'b' },
    environment: { tools: [], host: HOST },
    cutoverVersion: '0',
  });
  const request = { perSecond: 100, purpose: 'climb' } as const;
  const { seconds } = observations;
  return toProbe({ request, index: 3, folder: 'probes/03-100', plan, verdict, seconds, leftover });
}

const inSteady = (change: (second: Second) => Second) => (second: Second) =>
  second.phase === 'steady' ? change(second) : second;

const lagging = (second: Second): Second => ({ ...second, startLag: operation({ okMs: times(100, 400) }).succeeded });

/** The machine is all but busy, half of it for other processes. */
const crowded = (second: Second): Second => ({
  ...second,
  resources: [
    ...second.resources.filter(({ role }) => role !== 'machine'),
    { source: 'engine', role: 'service', cpuCores: 0.2, rssBytes: 1 },
    { source: 'machine', role: 'machine', cpuCores: 1.9, rssBytes: 0 },
  ],
});

describe('what a probe says about its rate', () => {
  test('it holds', () => {
    expect(probeOf()).toMatchObject({ outcome: 'pass', reason: 'every budget held', broken: [], failedRatio: 0 });
  });

  test('a budget broke: its name is kept', () => {
    expect(probeOf(inSteady(taking(80)))).toMatchObject({ outcome: 'fail', broken: ['quotes'] });
  });

  test('the load generator was not healthy: its limit, not the system’s', () => {
    const probe = probeOf((second) => lagging(inSteady(taking(80))(second)));
    expect(probe).toMatchObject({ outcome: 'inconclusive', broken: [], generatorLimited: true });
    expect(probe.reason).toMatch(/^the load generator was healthy: 1 % of the iterations started more than/);
  });

  test('the load generator was starved by others: nobody’s limit', () => {
    const probe = probeOf((second) => crowded(lagging(second)));
    expect(probe).toMatchObject({ outcome: 'inconclusive', generatorLimited: false });
    expect(probe.reason).toMatch(/other processes took 1\.0 CPUs meanwhile/);
  });

  test('a system that still had the load before is not judged', () => {
    const probe = probeOf(inSteady(taking(80)), 'the system had not recovered');
    expect(probe).toMatchObject({ outcome: 'inconclusive', broken: [], generatorLimited: false });
    expect(probe.reason).toBe('the system had not recovered');
  });

  test('a system that holds all the same holds', () => {
    expect(probeOf(untouched, 'the system had not recovered')).toMatchObject({ outcome: 'pass' });
  });
});

describe('figures', () => {
  test('are those of the steady phase', () => {
    const probe = probeOf((second) => (second.phase === 'steady' ? second : { ...second, iterations: 7, busyVus: 90 }));
    expect(probe).toMatchObject({ achievedPerSecond: 100, concurrency: 0.5, cpuCores: { monolith: 0.5, machine: 1 } });
    expect(probe.rssBytes).toEqual({ monolith: 64 * 1024 ** 2 });
  });

  test('what was in flight at the load’s end does not count', () => {
    expect(plan.load.phases.at(-1)?.endMs).toBe(18_000);
    const probe = probeOf((second) => (second.t === 17 ? { ...second, iterations: 150, busyVus: 9 } : second));
    expect(probe).toMatchObject({ achievedPerSecond: 100, concurrency: 0.5 });
  });

  test('failed requests are not achieved', () => {
    const half = (second: Second) => ({
      ...second,
      operations: [operation({ phase: second.phase, okMs: times(50, 5), failedMs: times(50, 1) })],
    });
    expect(probeOf(inSteady(half))).toMatchObject({ outcome: 'fail', achievedPerSecond: 50, failedRatio: 0.5 });
  });
});

describe('whether a system has recovered in the rest before a probe', () => {
  const from = (start: number, end: number) => (second: Second) =>
    second.t >= start && second.t < end ? taking(3_000)(second) : second;

  test.each([
    ['all held', untouched, false],
    ['slow at first', from(0, 2), false],
    ['slow at its end', from(3, 5), true],
    ['slow only later', from(5, 18), false],
  ] as const)('%s', (_, change, broken) => {
    const said = notRecovered(plan, healthy(plan, change).seconds);
    if (broken) expect(said).toMatch(/^the system had not recovered from the load before: quotes: 33\.33 %/);
    else expect(said).toBeUndefined();
  });

  test('without a rest there is nothing to tell', () => {
    const [, ...phases] = plan.load.phases;
    expect(phases.map(({ name }) => name)).not.toContain(COOL_DOWN);
    const without = { ...plan, load: { ...plan.load, phases } };
    expect(notRecovered(without, healthy(plan, taking(3_000)).seconds)).toBeUndefined();
  });
});
