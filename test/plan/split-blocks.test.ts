import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOut } from '../../lib/plan/phases.ts';
import { comparisonSchema } from '../../lib/plan/schema/comparison.ts';
import { splitBlocks } from '../../lib/plan/split-blocks.ts';

const comparison = (changes: object = {}) =>
  comparisonSchema.parse({
    blocks: 6,
    baseline: { traffic: { pricing: 'off' } },
    candidate: { traffic: { pricing: 'full' }, env: { URL: 'b' } },
    ...changes,
  });

const never = (path: string, _value: unknown, message: string): never => {
  throw new Error(`${path} ${message}`);
};

test('blocks are ABBA, each with a settling part that moves the traffic', () => {
  const phases = splitBlocks(
    layOut([
      { name: 'warm-up', duration: 2_000, rate: 10 },
      { name: 'compare', duration: 48_000, rate: 20, env: { KEYS: 'zipf:1' } },
    ]),
    comparison(),
    never,
  );
  expect(phases).toHaveLength(1 + 24);
  expect(phases.slice(1, 5)).toEqual([
    {
      name: 'compare-01-baseline-settle',
      startMs: 2_000,
      endMs: 3_000,
      fromPerSecond: 20,
      toPerSecond: 20,
      env: { KEYS: 'zipf:1' },
      traffic: { pricing: 'off' },
      block: { of: 'compare', variant: 'baseline', index: 0, settling: true },
    },
    {
      name: 'compare-01-baseline',
      startMs: 3_000,
      endMs: 6_000,
      fromPerSecond: 20,
      toPerSecond: 20,
      env: { KEYS: 'zipf:1' },
      block: { of: 'compare', variant: 'baseline', index: 0, settling: false },
    },
    expect.objectContaining({ name: 'compare-02-candidate-settle', traffic: { pricing: 'full' } }),
    expect.objectContaining({ name: 'compare-02-candidate', env: { KEYS: 'zipf:1', URL: 'b' } }),
  ]);
  const order = phases.flatMap(({ block }) => (block === undefined || block.settling ? [] : [block.variant[0]]));
  expect(order.join('')).toBe('bccbbccbbccb');
});

test('whatever the numbers: as many of each, end to end, and the same middle in time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 6, max: 20 }), fc.integer({ min: 3, max: 9 }), (blocks, seconds) => {
      const input = layOut([{ name: 'compare', duration: seconds * 1_000 * 2 * blocks, rate: 5 }]);
      const phases = splitBlocks(input, comparison({ blocks }), never);
      expect(phases.every(({ startMs }, index) => startMs === (phases[index - 1]?.endMs ?? 0))).toBe(true);
      const indexes = (variant: string) =>
        phases.flatMap(({ block }) => (block?.variant === variant && !block.settling ? [block.index] : []));
      const [a, b] = [indexes('baseline'), indexes('candidate')];
      expect([a.length, b.length]).toEqual([blocks, blocks]);
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(Math.abs(mean(a) - mean(b))).toBeLessThanOrEqual(blocks % 2 === 0 ? 0 : 1 / blocks + 1e-9);
    }),
    { numRuns: 50 },
  );
});

test.each([
  [{ phase: 'compair' }, 48_000, 20, 'comparison.phase unknown phase'],
  [{}, 48_000, { from: 1, to: 2 }, 'comparison.phase its rate must be constant'],
  [{}, 30_000, 20, 'comparison.blocks makes 2 × 6 blocks of 2.5s'],
  [{}, 24_000, 20, 'comparison.blocks makes 2 × 6 blocks of 2s'],
])('%j with %j ms at %j is refused', (changes, duration, rate, message) => {
  const phases = layOut([{ name: 'compare', duration, rate }]);
  expect(() => splitBlocks(phases, comparison(changes), never)).toThrow(message);
});
