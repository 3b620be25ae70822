import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actsOn, delayOf, matchesOperation } from '../../../chaos/tap/rule-decision.ts';
import type { TapRule } from '../../../chaos/tap/rule.ts';

const RULE: TapRule = { id: 'r', edge: 'e', seed: 1, action: { type: 'hang' }, forMs: 1_000 };
const numbers = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

test.each([
  [undefined, 'POST /v1/quotes', true],
  [['POST /v1/quotes'], 'POST /v1/quotes', true],
  [['POST /v1/quotes'], 'POST /v1/quotes/7', false],
  [['POST /v1/*'], 'POST /v1/quotes/7', true],
  [['POST /v1/*'], 'GET /v1/quotes', false],
  [['GET /a', '*'], 'anything', true],
  [['/cutover.v1.Pricing/*'], '/cutover.v1.Pricing/Quote', true],
])('%j matches "%s": %s', (operations, operation, expected) => {
  expect(matchesOperation(operations === undefined ? {} : { operations }, operation)).toBe(expected);
});

describe('which requests a rule acts on', () => {
  test('all, without a choice', () => {
    expect(numbers(5).every((number) => actsOn(RULE, number))).toBe(true);
  });
  test('the first ones', () => {
    expect(numbers(5).map((number) => actsOn({ ...RULE, first: 2 }, number))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
  test('some of each so many', () => {
    const acts = numbers(7).map((number) => actsOn({ ...RULE, pattern: { count: 2, of: 3 } }, number));
    expect(acts).toEqual([true, true, false, true, true, false, true]);
  });
  test('a share of them, the same ones for the same seed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seed, share) => {
          const acts = numbers(2_000).map((number) => actsOn({ ...RULE, seed, share }, number));
          expect(acts).toEqual(numbers(2_000).map((number) => actsOn({ ...RULE, seed, share }, number)));
          const count = acts.filter(Boolean).length;
          // Five standard deviations of a binomial distribution.
          expect(Math.abs(count - 2_000 * share)).toBeLessThanOrEqual(5 * Math.sqrt(2_000 * share * (1 - share)) + 1);
        },
      ),
      { seed: 1 },
    );
  });
  test('other ones for another seed', () => {
    const acts = (seed: number): boolean[] =>
      numbers(200).map((number) => actsOn({ ...RULE, seed, share: 0.5 }, number));
    expect(acts(1)).not.toEqual(acts(2));
  });
});

test('a delay is within its jitter, uniform, and never negative', () => {
  const delays = numbers(4_000).map((number) => delayOf(9, { delayMs: 100, jitterMs: 20 }, number));
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(80);
  expect(Math.max(...delays)).toBeLessThanOrEqual(120);
  for (const quarter of [0, 1, 2, 3]) {
    const inIt = delays.filter((delay) => delay >= 80 + quarter * 10 && delay < 90 + quarter * 10).length;
    expect(Math.abs(inIt - 1_000)).toBeLessThan(140);
  }
  expect(delayOf(9, { delayMs: 100, jitterMs: 0 }, 3)).toBe(100);
  expect(numbers(100).every((number) => delayOf(9, { delayMs: 1, jitterMs: 50 }, number) >= 0)).toBe(true);
});
