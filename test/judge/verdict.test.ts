import { describe, expect, test } from 'vitest';
import { assembleVerdict } from '../../lib/judge/judge.ts';
import type { VerdictInput } from '../../lib/judge/judge.ts';
import { verdictSchema } from '../../reports/model/verdict.ts';
import type { Fault, Phase, Plan } from '../../lib/plan/plan.ts';
import { CUT, DELAY, budgets, healthy, histogramOf, operation, phases, planOf, seen, times } from './builders.ts';

const PLAN = planOf({
  faults: [DELAY],
  budgets: budgets({ kind: 'latency', operation: 'quote', phase: 'steady', under: '100ms', atLeast: '95%' }),
});

/** A warm-up, and a phase that a comparison has split into blocks of 4 s, the first of which settles. */
function inBlocks(blocks: number): Plan {
  const rate = { fromPerSecond: 100, toPerSecond: 100 };
  const parts = Array.from({ length: blocks }, (_, index): Phase[] => {
    const startMs = 5_000 + index * 4_000;
    const variant = index % 2 === 0 ? 'baseline' : 'candidate';
    const block = { of: 'compare', variant, index } as const;
    return [
      {
        name: `compare-${index}-settle`,
        startMs,
        endMs: startMs + 1_000,
        ...rate,
        block: { ...block, settling: true },
      },
      {
        name: `compare-${index}`,
        startMs: startMs + 1_000,
        endMs: startMs + 4_000,
        ...rate,
        block: { ...block, settling: false },
      },
    ];
  });
  return planOf({ phases: [...phases(['warm-up', 5, 100]), ...parts.flat()] });
}

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
    const jittery: Fault = { ...DELAY, jitterMs: 20 };
    const plan = planOf({
      faults: [jittery, CUT],
      phases: phases(['steady', 20, 50]).map((phase) => ({ ...phase, toPerSecond: 80 })),
    });
    const faults = [seen(DELAY, { injectedMs: 15_020, removedMs: 19_990 })];
    const verdict = assembled({ plan, observations: { ...healthy(plan), faults } });
    expect(verdict.phases).toEqual([{ name: 'steady', startMs: 0, endMs: 20_000, detail: '50/s → 80/s' }]);
    expect(verdict.faults).toEqual([
      { name: 'slow-engine', startMs: 15_020, endMs: 19_990, detail: 'latency 200ms ± 20ms on orders-pricing' },
      { name: 'cut', startMs: 15_000, endMs: 25_000, detail: 'down on orders-pricing (not injected)' },
    ]);
  });

  test('a shaped phase shows its lowest and highest rate', () => {
    const [steady] = phases(['steady', 20, 10]) as [Phase];
    const rates = [10, 80, 40];
    const shape = rates.map((perSecond, index) => ({ atMs: index * 10_000, perSecond }));
    const plan = planOf({ phases: [{ ...steady, toPerSecond: 40, shape }] });
    expect(assembled({ plan, observations: healthy(plan) }).phases[0]?.detail).toBe('10/s – 80/s');
  });

  test('the blocks of a comparison are one phase, and two groups of operations', () => {
    const plan = inBlocks(4);
    const { phases: shown, operations } = assembled({ plan, observations: healthy(plan) });
    expect(shown).toEqual([
      { name: 'warm-up', startMs: 0, endMs: 5_000, detail: '100/s' },
      { name: 'compare', startMs: 5_000, endMs: 21_000, detail: '100/s, 2 blocks each, baseline / candidate' },
    ]);
    expect(operations.map(({ phase, requests }) => [phase, requests])).toEqual([
      ['warm-up', 500],
      ['compare baseline', 600],
      ['compare candidate', 600],
    ]);
  });

  test('the timeline has what services tell of their runtime, and how late iterations started', () => {
    const observations = healthy(PLAN, (same) => ({
      ...same,
      startLag: same.t === 2 ? histogramOf([]) : histogramOf(times(100, 3), 6),
      runtimes: [
        { source: 'monolith', heapBytes: 9_000_000 + same.t, ...(same.t > 0 ? { gcPauseSeconds: 0.002 } : {}) },
        { source: 'engine' },
      ],
    }));
    const { timeline } = assembled({ observations });
    expect(timeline.heap).toEqual({ monolith: timeline.t.map((t) => 9_000_000 + t) });
    expect(timeline.gcPause).toEqual({ monolith: timeline.t.map((t) => (t > 0 ? 2 : null)) });
    expect(timeline.startLag.slice(1, 4)).toEqual([expect.closeTo(3, 1), null, expect.closeTo(3, 1)]);
  });

  test('says which budgets were counted, how wide buckets are, and how late iterations started', () => {
    const plan = planOf({
      budgets: budgets(
        { kind: 'latency', name: 'counted one', operation: 'quote', phase: 'steady', under: '100ms', atLeast: '95%' },
        { kind: 'latency', name: 'estimated one', operation: 'other', phase: 'steady', under: '90ms', atLeast: '95%' },
      ),
    });
    const within = [{ underMs: 100, low: 100, high: 100 }];
    const observations = healthy(plan, (same) => ({
      ...same,
      operations: [
        operation({ phase: same.phase, okMs: times(100, 5), schema: 6, within }),
        operation({ operation: 'other', protocol: 'grpc', phase: same.phase, okMs: times(100, 5) }),
      ],
    }));
    const notes = assembled({ plan, observations }).notes.join('\n');
    expect(notes).toContain('Counted event by event: "counted one".');
    expect(notes).toContain('Judged by intervals from histograms: "estimated one".');
    expect(notes).toContain('1.09 % (http), 9.05 % (grpc)');
    expect(notes).toMatch(/from the intended start of the iteration.* at most 0\.\d+ ms late/);
    const silent = healthy(plan, (same) => ({ ...same, startLag: histogramOf([]) }));
    expect(assembled({ plan, observations: silent }).notes.join('\n')).toContain('does not tell how late');
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
