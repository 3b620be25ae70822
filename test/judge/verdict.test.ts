import { describe, expect, test } from 'vitest';
import { assembleVerdict } from '../../lib/judge/judge.ts';
import type { VerdictInput } from '../../lib/judge/judge.ts';
import type { Fault } from '../../lib/plan/plan.ts';
import { verdictSchema } from '../../reports/model/verdict.ts';
import { CUT, DELAY, budgets, healthy, operation, phases, planOf, seen, times } from './builders.ts';

const PLAN = planOf({
  faults: [DELAY],
  budgets: budgets({ kind: 'latency', operation: 'quote', phase: 'steady', under: '100ms', atLeast: '95%' }),
});

function assembled(parts: Partial<VerdictInput> = {}) {
  return assembleVerdict({
    plan: PLAN,
    observations: healthy(PLAN),
    run: {
      id: 'r1',
      startedAt: '2026-01-02T03:04:05.000Z',
      endedAt: '2026-01-02T03:05:05.000Z',
      seed: 7,
      planSha256: 'abc',
      scenarioSha256: 'def',
    },
    environment: { tools: [], host: { cpus: 2, cpuModel: 'a CPU', memoryBytes: 1, platform: 'linux' } },
    cutoverVersion: '0.1.0',
    ...parts,
  });
}

describe('assembleVerdict', () => {
  test('is what the schema says, also as JSON', () => {
    const verdict = assembled();
    expect(verdictSchema.parse(JSON.parse(JSON.stringify(verdict)))).toEqual(verdict);
    expect(verdict).toMatchObject({ outcome: 'pass', summary: 'pass: 5 of 5 checks held', run: { seed: 7 } });
  });

  test('has a row for each operation, protocol and phase', () => {
    const observations = healthy(PLAN, (same) =>
      same.t === 6
        ? { ...same, operations: [...same.operations, operation({ protocol: 'grpc', okMs: [10], failedMs: [20, 30] })] }
        : same,
    );
    const { operations } = assembled({ observations });
    expect(operations.map((row) => [row.operation, row.protocol, row.phase, row.requests, row.failed])).toEqual([
      ['quote', 'grpc', 'steady', 3, 2],
      ['quote', 'http', 'warm-up', 500, 0],
      ['quote', 'http', 'steady', 1_000, 0],
      ['quote', 'http', 'fault', 1_000, 0],
      ['quote', 'http', 'recovery', 1_000, 0],
    ]);
    expect(operations[0]?.meanMs).toBeCloseTo(20);
    expect(operations[0]?.quantiles.p99).toBeGreaterThan(27);
    expect(operations[0]?.quantiles.p99).toBeLessThan(33);
  });

  test('the timeline has a gap where a second was not observed', () => {
    const all = healthy(PLAN);
    const { timeline } = assembled({ observations: { ...all, seconds: all.seconds.filter(({ t }) => t !== 3) } });
    expect(timeline.t).toEqual(Array.from({ length: 35 }, (_, t) => t));
    expect(timeline.load.achieved.slice(2, 5)).toEqual([100, null, 100]);
    expect(timeline.latency['quote']?.p99[3]).toBeNull();
    expect(timeline.errors['quote']?.slice(2, 4)).toEqual([0, null]);
    expect(Object.keys(timeline.cpu)).toEqual(['k6', 'machine', 'monolith']);
    expect(Object.keys(timeline.memory)).toEqual(['k6', 'monolith']);
  });

  test('the timeline puts protocols and outcomes together', () => {
    const [window] = [operation({ protocol: 'grpc', failedMs: times(100, 500) })];
    const observations = healthy(PLAN, (same) => ({ ...same, operations: [...same.operations, window] }));
    const { timeline } = assembled({ observations });
    expect(timeline.errors['quote']?.[0]).toBe(100);
    expect(timeline.latency['quote']?.p99[0]).toBeGreaterThan(450);
    expect(timeline.latency['quote']?.p50[0]).toBeLessThan(6);
  });

  test('names the phases and the faults, with the times they were in force', () => {
    const jittery: Fault = { ...DELAY, kind: 'latency', latencyMs: 200, jitterMs: 20 };
    const plan = planOf({
      faults: [jittery, CUT],
      phases: phases(['steady', 20, 50]).map((phase) => ({ ...phase, toPerSecond: 80 })),
    });
    const faults = [seen(DELAY, { injectedMs: 15_020, removedMs: 19_990 })];
    const verdict = assembled({ plan, observations: { ...healthy(plan), faults } });
    expect(verdict.phases).toEqual([{ name: 'steady', startMs: 0, endMs: 20_000, detail: '50/s → 80/s' }]);
    expect(verdict.faults).toEqual([
      { name: 'slow-engine', startMs: 15_020, endMs: 19_990, detail: 'latency 200 ms ± 20 ms on orders-pricing' },
      { name: 'cut', startMs: 15_000, endMs: 25_000, detail: 'orders-pricing down (not injected)' },
    ]);
  });

  test('a run that was stopped early does not pass', () => {
    const verdict = assembled({ stoppedEarly: 'aborted by the user' });
    expect(verdict).toMatchObject({
      outcome: 'inconclusive',
      stoppedEarly: 'aborted by the user',
      summary: 'inconclusive: stopped early: aborted by the user',
    });
  });

  test('with nothing observed it is still a verdict', () => {
    const verdict = assembled({ observations: { ...healthy(PLAN), seconds: [], faults: [] } });
    expect(verdictSchema.safeParse(verdict).success).toBe(true);
    expect(verdict.timeline.t).toEqual([]);
    expect(verdict.outcome).toBe('inconclusive');
  });

  test('says how exact it is', () => {
    expect(assembled().notes.join('\n')).toContain('9.05 %');
  });
});
