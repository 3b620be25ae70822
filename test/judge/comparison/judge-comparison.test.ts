import { describe, expect, test } from 'vitest';
import { judgeComparison } from '../../../lib/judge/comparison/judge-comparison.ts';
import type { Observations, Second } from '../../../lib/observe/observations.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { comparisonSchema as comparisonResultSchema } from '../../../reports/model/verdict.ts';
import { comparisonSchema } from '../../../lib/plan/schema/comparison.ts';
import { redactPlan } from '../../../lib/plan/redact.ts';
import { splitBlocks } from '../../../lib/plan/split-blocks.ts';
import { healthy, operation, phases, planOf, times } from '../builders.ts';
import { seeded } from '../random.ts';

const RATE = 50;

function planWith(changes: object = {}): Plan {
  const comparison = comparisonSchema.parse({
    blocks: 8,
    baseline: { traffic: { pricing: 'off' } },
    candidate: { traffic: { pricing: 'full' } },
    ...changes,
  });
  const whole = phases(['warm-up', 4, RATE], ['compare', 64, RATE]);
  const split = splitBlocks(whole, comparison, (path, _, message) => {
    throw new Error(`${path} ${message}`);
  });
  return { ...planOf({ phases: split }), comparison };
}

/** A run in which each block's requests take 20 ms, ± 2 % from block to block, and the candidate's `slower` times that. */
function run(plan: Plan, { slower = 1, cores = 1, failed = 0 } = {}, change = (same: Second) => same): Observations {
  const random = seeded(5);
  const noise = new Map(plan.load.phases.map(({ name }) => [name, 0.98 + 0.04 * random()]));
  const observations = healthy(plan, (same) => {
    const candidate = same.phase.includes('candidate');
    const ms = 20 * (noise.get(same.phase) ?? 1) * (candidate ? slower : 1);
    const bad = candidate ? failed : 0;
    const both = (cpuCores: number) =>
      ['monolith', 'engine'].map((source) => ({ source, role: 'service' as const, cpuCores, rssBytes: 1e8 }));
    return change({
      ...same,
      operations: [operation({ phase: same.phase, okMs: times(RATE - bad, ms), failedMs: times(bad, ms), schema: 6 })],
      resources: both((candidate ? cores : 1) * 0.1 * (noise.get(same.phase) ?? 1)),
    });
  });
  const switches = plan.load.phases.flatMap(({ name, startMs, traffic }) =>
    traffic === undefined ? [] : [{ phase: name, askedMs: startMs, appliedMs: startMs + 20, error: undefined }],
  );
  return { ...observations, switches };
}

function outcomes(plan: Plan, observations: Observations): Record<string, string> {
  const { checks } = judgeComparison(plan, observations) ?? { checks: [] };
  return Object.fromEntries(checks.map(({ title, outcome }) => [title, outcome]));
}

test('a plan that compares nothing has no comparison', () => {
  expect(judgeComparison(planOf({}), healthy(planOf({})))).toBeUndefined();
});

test('as good as the baseline: every figure passes, and the rows say with which figures', () => {
  const plan = planWith();
  const judged = judgeComparison(plan, run(plan));
  expect(judged?.checks.map(({ title, outcome, catalogue }) => [title, outcome, catalogue])).toEqual([
    ['all operations p95', 'pass', 'CMP-1'],
    ['errors of all operations', 'pass', 'CMP-1'],
    ['throughput', 'pass', 'CMP-1'],
    ['CPU a request', 'pass', 'CAP-4'],
  ]);
  expect(judged?.result).toMatchObject({
    phase: 'compare',
    blocksPerVariant: 8,
    blockMs: 4_000,
    settleMs: 1_000,
    baseline: 'pricing off',
    candidate: 'pricing full',
    sameOnPurpose: false,
  });
  const [latency, errors, throughput, cpu] = judged?.result.rows ?? [];
  expect(latency?.baseline).toBeGreaterThan(19);
  expect(latency?.baseline).toBeLessThan(21.5);
  expect(latency?.blocks).toHaveLength(16);
  expect(latency?.blocks[1]).toMatchObject({ variant: 'candidate', startMs: 9_000 });
  expect(errors).toMatchObject({ baseline: 0, candidate: 0, estimate: 0, limit: 0.001 });
  expect(throughput).toMatchObject({ baseline: RATE, higherIsBetter: true, limit: 0.99 });
  // 0.2 cores for 50 requests a second.
  expect(cpu?.baseline).toBeGreaterThan(3.9);
  expect(cpu?.baseline).toBeLessThan(4.1);
});

test.each([
  ['slower', { slower: 1.3 }, 'all operations p95'],
  ['more errors', { failed: 2 }, 'errors of all operations'],
  ['more CPU', { cores: 1.4 }, 'CPU a request'],
])('%s: that check is red and no other', (_, worse, title) => {
  const plan = planWith();
  const red = Object.entries(outcomes(plan, run(plan, worse))).flatMap(([name, outcome]) =>
    outcome === 'fail' ? [name] : [],
  );
  expect(red).toEqual([title]);
});

test('fewer requests got through', () => {
  const plan = planWith();
  const observations = run(plan, {}, (same) =>
    same.phase.includes('candidate')
      ? { ...same, dropped: 10, operations: [operation({ phase: same.phase, okMs: times(RATE - 10, 20) })] }
      : same,
  );
  expect(outcomes(plan, observations)).toMatchObject({ throughput: 'fail', 'errors of all operations': 'fail' });
});

test('a candidate that answers nothing at all is red, not without data', () => {
  const plan = planWith();
  const silent = run(plan, {}, (same) =>
    same.phase.includes('candidate') ? { ...same, dropped: RATE, operations: [] } : same,
  );
  expect(outcomes(plan, silent)).toMatchObject({ throughput: 'fail', 'errors of all operations': 'fail' });
});

test('all requests of one block fail: not as good, although the other blocks are', () => {
  const plan = planWith();
  const burst = run(plan, {}, (same) =>
    same.phase === 'compare-03-candidate'
      ? { ...same, operations: [operation({ phase: same.phase, failedMs: times(RATE, 20), schema: 6 })] }
      : same,
  );
  const check = judgeComparison(plan, burst)?.checks[1];
  expect(check).toMatchObject({ outcome: 'inconclusive', evidence: { estimate: 0, overall: 0.125 } });
  expect(check?.reason).toBe(
    '±0 points in most blocks, but +12.5 points over all of them; allowed is at most 0.1 points more',
  );
});

test('figures are of the whole block, where it begins in the middle of a second', () => {
  const plan = planWith({ settle: '1500ms' });
  const [, , throughput, cpu] = judgeComparison(plan, run(plan))?.result.rows ?? [];
  // Each second's requests belong to the phase at its start: two seconds of the 2.5 s long block.
  expect(throughput?.baseline).toBe((2 * RATE) / 2.5);
  expect(cpu?.baseline).toBeGreaterThan(3.9);
  expect(cpu?.baseline).toBeLessThan(4.1);
});

describe('what is shown of the two', () => {
  test('secrets are not', () => {
    const env = (token: string) => ({ env: { API_TOKEN: token, URL: `http://me:${token}@shop` } });
    const plan = planWith({ baseline: env('hunter2'), candidate: env('hunter3') });
    const { result } = judgeComparison(plan, run(plan)) ?? {};
    expect(result).toMatchObject({
      baseline: 'API_TOKEN=[redacted], URL=http://[redacted]@shop',
      sameOnPurpose: false,
    });
    expect(JSON.stringify(result)).not.toContain('hunter');
  });

  test.each([
    'API_TOKEN',
    'SECRET',
    'DB_PASSWORD',
    'CREDENTIALS',
    'API_KEY',
    'APIKEY',
    'AUTHORIZATION',
    'COOKIE',
    'KEYS',
  ])('%s is shown as the run folder shows it', (name) => {
    const plan = planWith({ baseline: { env: { [name]: 'hunter2' } } });
    const shown = redactPlan(plan).comparison?.baseline.env[name];
    expect(judgeComparison(plan, run(plan))?.result.baseline).toBe(`${name}=${shown}`);
  });

  test.each([
    ['in another order', { A: '1', B: '2' }, { B: '2', A: '1' }, true],
    ['said by the phase already', {}, { KEYS: 'few' }, true],
    ['something else', { A: '1' }, { A: '2' }, false],
  ])('whether they are the same: %s', (_, a, b, same) => {
    const plan = planWith({ baseline: { env: a }, candidate: { env: b } });
    const load = { ...plan.load, env: { KEYS: 'few' } };
    expect(judgeComparison({ ...plan, load }, run(plan))?.result.sameOnPurpose).toBe(same);
  });
});

describe('what is not comparable is not compared', () => {
  test('the same on purpose: a difference is the machine’s', () => {
    const plan = planWith({ candidate: { traffic: { pricing: 'off' } } });
    const { checks, result } = judgeComparison(plan, run(plan, { slower: 1.5 })) ?? { checks: [], result: undefined };
    expect(result?.sameOnPurpose).toBe(true);
    expect(checks[0]).toMatchObject({ outcome: 'inconclusive' });
    expect(checks[0]?.reason).toMatch(/^both are the same and yet differ/);
  });

  test('traffic that moved too late', () => {
    const plan = planWith();
    const observations = run(plan);
    const late = observations.switches.map((entry, index) =>
      index % 4 < 2 ? { ...entry, appliedMs: entry.askedMs + 1_500 } : entry,
    );
    const { checks } = judgeComparison(plan, { ...observations, switches: late }) ?? { checks: [] };
    expect(checks[0]?.outcome).toBe('inconclusive');
    expect(checks[0]?.reason).toContain('4 blocks of the baseline');
  });

  test('traffic that only one of the two sets, so that nothing moves it back', () => {
    const plan = planWith({ baseline: {} });
    const { checks } = judgeComparison(plan, run(plan)) ?? { checks: [] };
    expect(new Set(checks.map(({ outcome }) => outcome))).toEqual(new Set(['inconclusive']));
    expect(checks[0]?.hint).toContain('sets the traffic of pricing, and nothing moves it back');
  });

  test('a damaged timeline: the check says so, and the others are judged', () => {
    const plan = planWith();
    const observations = run(plan);
    const seconds = observations.seconds.map((same) => ({ ...same, resources: undefined }) as unknown as Second);
    const found = outcomes(plan, { ...observations, seconds });
    expect(found).toMatchObject({ 'all operations p95': 'pass', 'CPU a request': 'inconclusive' });
  });

  test('a confidence of 100 % proves nothing red, and says nothing that JSON has no number for', () => {
    const plan = planWith({ confidence: '100%' });
    const { checks, result } = judgeComparison(plan, run(plan, { slower: 2 })) ?? { checks: [], result: undefined };
    expect(checks[0]?.outcome).toBe('inconclusive');
    expect(comparisonResultSchema.safeParse(result).error).toBeUndefined();
  });

  test('blocks that were not reached', () => {
    const plan = planWith();
    expect(outcomes(plan, { ...run(plan), loadEndMs: 30_000 })).toMatchObject({ throughput: 'inconclusive' });
  });

  test('a service that is not seen', () => {
    const plan = planWith();
    const blind = run(plan, {}, (same) => ({ ...same, resources: same.resources.slice(1) }));
    expect(outcomes(plan, blind)['CPU a request']).toBe('inconclusive');
  });

  test('too noisy: how many blocks it would take', () => {
    const plan = planWith();
    const random = seeded(3);
    const wild = run(plan, {}, (same) => ({
      ...same,
      operations: [operation({ phase: same.phase, okMs: times(RATE, 10 + 40 * random()), schema: 6 })],
    }));
    const { checks } = judgeComparison(plan, wild) ?? { checks: [] };
    expect(checks[0]?.outcome).toBe('inconclusive');
    expect(checks[0]?.hint).toMatch(/about \d+ blocks of each would tell/);
  });
});
