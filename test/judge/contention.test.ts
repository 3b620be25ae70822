import { expect, test } from 'vitest';
import { findContention } from '../../lib/judge/contention.ts';
import { judgeGenerator } from '../../lib/judge/generator.ts';
import { judge, overall } from '../../lib/judge/judge.ts';
import type { Second } from '../../lib/observe/observations.ts';
import { budgets, healthy, operation, planOf, times } from './builders.ts';

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

test('what would be red is inconclusive while a neighbour took the CPU, and the report says so', () => {
  const slow = (same: Second): Second => ({
    ...machine(1.9)(same),
    operations: [operation({ phase: same.phase, okMs: times(100, 90) })],
  });
  const checks = judge(PLAN, healthy(PLAN, slow));
  expect(overall(checks)).toBe('inconclusive');
  const { reason, hint } = judgeGenerator(PLAN, healthy(PLAN, slow));
  expect(reason).toMatch(/^other processes of this machine took 0\.7 of its 2 CPUs at \d+ s/);
  expect(hint).toMatch(/nothing else to do/);
});
