import { expect, test } from 'vitest';
import { renderSchedule } from '../../lib/cli/dry-run.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { layOut } from '../../lib/plan/phases.ts';
import { comparisonSchema } from '../../lib/plan/schema/comparison.ts';
import { splitBlocks } from '../../lib/plan/split-blocks.ts';

const comparison = comparisonSchema.parse({ blocks: 6, candidate: { traffic: { pricing: 'full' } } });

const plan: Plan = {
  version: 1,
  experiment: 'checkout',
  description: 'may it take the traffic?',
  seed: 7,
  root: '/',
  system: { services: {}, edges: {} },
  traffic: { pricing: 'off' },
  load: {
    scenario: '/checkout.ts',
    env: {},
    phases: splitBlocks(
      layOut([
        { name: 'warm-up', duration: 2_000, rate: { from: 0, to: 20 } },
        { name: 'day', duration: 8_000, rate: { steps: [5, 40] }, env: { KEYS: 'zipf:1.1', API_TOKEN: 'hunter2' } },
        { name: 'canary', duration: 5_000, rate: 20, traffic: { pricing: { canary: 10 } } },
        { name: 'compare', duration: 48_000, rate: 20 },
      ]),
      comparison,
      (path) => expect.fail(path),
    ),
    steady: 'canary',
    maxVUs: 80,
    recordWrites: false,
  },
  faults: [{ name: 'slow', edge: 'a-b', kind: 'latency', startMs: 10_500, endMs: 11_000, latencyMs: 50, jitterMs: 5 }],
  budgets: [],
  comparison,
};

test('phases, shapes, what they change, faults and blocks are on one clock, without secrets', () => {
  const [, , ...lines] = renderSchedule(plan).split('\n');
  expect(lines).toEqual([
    '  traffic pricing: off',
    '      0ms –      2s  phase warm-up        0/s → 20/s',
    '       2s –     10s  phase day            5/s … 40/s in 3 pieces KEYS=zipf:1.1 API_TOKEN=[redacted]',
    '      10s –     15s  phase canary         20/s pricing→canary 10 %',
    '    10.5s –     11s  fault slow           latency 50ms ± 5ms on a-b',
    '      15s –     63s  phase compare        20/s, 6 blocks of 4s each for baseline and candidate',
    '  0 budgets, at most 80 iterations at once',
  ]);
});

test('its hash is that of the plan that is written down', () => {
  const hash = (text: string) => /plan ([0-9a-f]{12})/.exec(text)?.[1];
  const [a, b] = ['x', 'y'].map((token) => ({ ...plan, load: { ...plan.load, env: { API_TOKEN: token } } }));
  if (a === undefined || b === undefined) throw new Error('there are two');
  expect(hash(renderSchedule(a))).toBe(hash(renderSchedule(b)));
});
