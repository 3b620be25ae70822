import { describe, expect, test } from 'vitest';
import { type Question, blocksNeeded, decide, detectableEffect } from '../../../lib/judge/comparison/decide.ts';
import { comparisonSchema } from '../../../lib/plan/schema/comparison.ts';
import { simulate } from '../../bench/comparison-power.ts';
import { normal, seeded } from '../random.ts';

const { blocks: DEFAULT_BLOCKS } = comparisonSchema.parse({});

const RATIO: Question = {
  effect: 'ratio',
  higherIsBetter: false,
  everyEventCounts: false,
  margin: 0.1,
  falseAlarm: 0.01,
};

function blocks(mean: number, spread: number, seed: number, amount = 12): number[] {
  const random = seeded(seed);
  return Array.from({ length: amount }, () => mean * (1 + spread * normal(random)));
}

describe('a ratio', () => {
  test.each([
    ['the same', 20, 'pass'],
    ['much faster', 10, 'pass'],
    ['a little slower, within the margin', 20.6, 'pass'],
    ['much slower', 26, 'fail'],
  ] as const)('%s: %d against 20', (_, mean, outcome) => {
    const decision = decide(blocks(20, 0.02, 1), blocks(mean, 0.02, 2), RATIO);
    expect(decision.outcome).toBe(outcome);
    expect(decision.estimate).toBeCloseTo(mean / 20, 1);
    expect(decision.lower).toBeLessThan(decision.estimate);
    expect(decision.upper).toBeGreaterThan(decision.estimate);
    expect(decision.limit).toBe(1.1);
  });

  test('too noisy to tell', () => {
    expect(decide(blocks(20, 0.3, 1, 6), blocks(21, 0.3, 2, 6), RATIO).outcome).toBe('inconclusive');
  });

  test('one wild block does not turn it', () => {
    const wild = [...blocks(20, 0.02, 2).slice(1), 400];
    expect(decide(blocks(20, 0.02, 1), wild, RATIO).outcome).toBe('pass');
  });

  test('where more is better it is the other way round', () => {
    const question: Question = { ...RATIO, higherIsBetter: true, margin: 0.01 };
    expect(decide(blocks(80, 0.001, 1), blocks(80, 0.001, 2), question)).toMatchObject({
      outcome: 'pass',
      limit: 0.99,
    });
    expect(decide(blocks(80, 0.001, 1), blocks(70, 0.001, 2), question).outcome).toBe('fail');
    expect(decide(blocks(80, 0.001, 1), blocks(99, 0.001, 2), question).outcome).toBe('pass');
  });
});

describe('a difference of shares', () => {
  const question: Question = {
    effect: 'difference',
    higherIsBetter: false,
    everyEventCounts: true,
    margin: 0.001,
    falseAlarm: 0.01,
  };
  const none = Array.from({ length: 8 }, () => 0);
  test.each([
    ['no error in any block', none, 'pass'],
    ['one error in one block', [0.0005, ...none.slice(1)], 'pass'],
    ['one in a hundred in every block', none.map(() => 0.01), 'fail'],
    ['nothing but errors in one block: no outlier', [1, ...none.slice(1)], 'inconclusive'],
  ] as const)('%s', (_, candidate, outcome) => {
    expect(decide(none, candidate, question).outcome).toBe(outcome);
  });

  test('more errors in every block, and far more in one: red, although most are within the margin', () => {
    const few = none.map(() => 0.0005);
    expect(decide(none, few, question).outcome).toBe('pass');
    expect(decide(none, [0.5, ...few.slice(1)], question)).toMatchObject({ outcome: 'fail', inBursts: true });
  });

  test('errors of the baseline in one block do not count against the candidate', () => {
    expect(decide([1, ...none.slice(1)], none, question).outcome).toBe('pass');
  });
});

describe('throughput', () => {
  const question: Question = { ...RATIO, higherIsBetter: true, everyEventCounts: true, margin: 0.01 };
  const full = Array.from({ length: 8 }, () => 50);

  test('half of it in one block is no outlier', () => {
    expect(decide(full, [25, ...full.slice(1)], question)).toMatchObject({ outcome: 'inconclusive', inBursts: true });
  });

  test('none at all in any block is red', () => {
    expect(
      decide(
        full,
        full.map(() => 0),
        question,
      ),
    ).toMatchObject({ outcome: 'fail', estimate: 0 });
  });
});

test('six blocks that do not overlap can be red; where they can not, the hint asks for more', () => {
  const fast = blocks(20, 0.01, 1, 6);
  const slow = blocks(30, 0.01, 2, 6);
  expect(decide(fast, slow, { ...RATIO, falseAlarm: 0.0025 }).outcome).toBe('fail');
  const strict = { ...RATIO, falseAlarm: 0.001 };
  expect(decide(fast, slow, strict).outcome).toBe('inconclusive');
  expect(blocksNeeded(0.001, strict)).toBe(7);
  expect(decide(blocks(20, 0.01, 1, 7), blocks(30, 0.01, 2, 7), strict).outcome).toBe('fail');
});

test('what is detectable shrinks with the blocks and grows with the noise', () => {
  expect(detectableEffect(0.08, 36, RATIO)).toBeLessThan(detectableEffect(0.08, 12, RATIO));
  expect(detectableEffect(0.08, 36, RATIO)).toBeGreaterThan(detectableEffect(0.04, 36, RATIO));
  expect(blocksNeeded(0.08, RATIO)).toBeGreaterThan(blocksNeeded(0.04, RATIO) * 3);
});

describe('CMP-1 with the default number of blocks, at a variation of 8 % from block to block', () => {
  const runs = 1_000;
  // Three standard deviations of the simulation itself.
  const play = (share: number) => 3 * Math.sqrt((share * (1 - share)) / runs);

  test('two that are the same are called different in at most 1 of 100 comparisons', () => {
    const { red, green } = simulate(runs, DEFAULT_BLOCKS, 0.08, 0);
    expect(red).toBeLessThanOrEqual(0.01 + play(0.01));
    expect(green).toBeGreaterThanOrEqual(0.97);
  }, 60_000);

  test('10 % slower is seen in at least 95 of 100', () => {
    expect(simulate(runs, DEFAULT_BLOCKS, 0.08, 0.1).red).toBeGreaterThanOrEqual(0.95 - play(0.95));
  }, 60_000);
});
