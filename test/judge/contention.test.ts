import { describe, expect, test } from 'vitest';
import { doubtOfMachine, findContention } from '../../lib/judge/contention.ts';
import { asFarAsTrusted } from '../../lib/judge/trust.ts';
import { judge, overall } from '../../lib/judge/judge.ts';
import type { Check } from '../../reports/model/verdict.ts';
import type { Second } from '../../lib/observe/observations.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { budgets, healthy, histogramOf, operation, planOf, times } from './builders.ts';

const PLAN = planOf({ budgets: budgets({ kind: 'latency', phase: 'steady', under: '50ms', atLeast: '99%' }) });

/** Every service seen at half a core, k6 at 0.2; the machine is `busy`, so that busy − 1.2 is somebody else's. */
function machine(busy: number, from = 6, to = 12, services: readonly string[] = ['monolith', 'engine']) {
  return (same: Second): Second => ({
    ...same,
    resources: [
      ...services.map((source) => ({ source, role: 'service' as const, cpuCores: 0.5, rssBytes: 1 })),
      { source: 'k6', role: 'generator', cpuCores: 0.2, rssBytes: 1 },
      { source: 'machine', role: 'machine', cpuCores: same.t >= from && same.t < to ? busy : 1.2, rssBytes: 0 },
    ],
  });
}

test.each([
  ['a busy neighbour', machine(1.9), 0.7],
  ['a neighbour on a machine with room left', machine(1.69), undefined],
  ['a machine that the run itself keeps busy', machine(1.6), undefined],
  ['a neighbour for 2 s', machine(1.9, 6, 8), undefined],
  ['a neighbour for 3 s', machine(1.9, 6, 9), 0.7],
  ['a service whose CPU is not seen: it may be that one', machine(1.9, 6, 12, ['monolith']), undefined],
])('%s', (_, change, foreignCores) => {
  const found = findContention(PLAN, healthy(PLAN, change).seconds, 2);
  expect(found?.foreignCores).toEqual(foreignCores === undefined ? undefined : expect.closeTo(foreignCores, 6));
});

test('seconds without samples between do not count as consecutive', () => {
  const seconds = healthy(PLAN, machine(1.9, 6, 9)).seconds.filter(({ t }) => t !== 7);
  expect(findContention(PLAN, seconds, 2)).toBeUndefined();
});

function answeredIn(ms: number, busy: number) {
  return (same: Second): Second => ({
    ...machine(busy)(same),
    operations: [operation({ phase: same.phase, okMs: times(100, ms) })],
  });
}

test.each([
  ['slow, on a quiet machine', 90, 1.3, 'fail', undefined],
  [
    'slow, beside a noisy neighbour',
    90,
    1.9,
    'inconclusive',
    /but other processes of this machine took 0\.7 of its 2 CPUs at \d+ s/,
  ],
  ['fast, even beside a noisy neighbour', 5, 1.9, 'pass', undefined],
])('%s', (_, ms, busy, outcome, reason) => {
  const checks = judge(PLAN, healthy(PLAN, answeredIn(ms, busy)));
  expect(overall(checks)).toBe(outcome);
  if (reason !== undefined) expect(checks[0]?.reason).toMatch(reason);
});

test.each([
  ['97 % busy for 5 s', 6, 11, 1.94, true],
  ['97 % busy for 4 s', 6, 10, 1.94, false],
  ['96 % busy for 5 s', 6, 11, 1.92, false],
])('a machine that is %s, by a service whose CPU is not seen', (_, from, to, busy, doubted) => {
  const doubt = doubtOfMachine(PLAN, healthy(PLAN, machine(busy, from, to, ['monolith'])));
  expect(doubt?.reason).toEqual(
    doubted ? expect.stringMatching(/^the machine's CPUs were 97 % busy for 5 s/) : undefined,
  );
});

describe('iterations that started late', () => {
  const late = (plan: Plan, ms: number) =>
    doubtOfMachine(
      plan,
      healthy(plan, (same) => ({ ...same, startLag: histogramOf(times(100, ms)) })),
    );
  const limit = (under: string) =>
    planOf({ budgets: budgets({ kind: 'latency', phase: 'steady', under, atLeast: '99%' }) });

  test.each([
    ['15 ms where a budget is 50 ms', '50ms', 15, false],
    ['23 ms where a budget is 50 ms', '50ms', 23, true],
    ['90 ms where the tightest is a second', '1s', 90, false],
    ['115 ms where the tightest is a second', '1s', 115, true],
  ])('%s', (_, under, ms, doubted) => {
    expect(late(limit(under), ms)?.reason).toEqual(
      doubted ? expect.stringMatching(/^1 % of the iterations started more than/) : undefined,
    );
  });
});

test('a comparison reckons with noise: only an unhealthy generator casts doubt on it', () => {
  const red: Check = {
    id: 'comparison:1',
    title: 'quote p50',
    kind: 'comparison',
    outcome: 'fail',
    reason: 'worse',
    limit: '',
    measured: '',
    events: 24,
    evidence: {},
  };
  const doubt = { reason: 'other processes took it all', hint: 'wait' };
  const generator: Check = { ...red, kind: 'generator', outcome: 'pass' };
  expect(asFarAsTrusted(red, generator, doubt).outcome).toBe('fail');
  expect(asFarAsTrusted({ ...red, kind: 'latency' }, generator, doubt).outcome).toBe('inconclusive');
  expect(asFarAsTrusted(red, { ...generator, outcome: 'inconclusive' }, doubt).outcome).toBe('inconclusive');
});
