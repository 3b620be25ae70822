import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  type Draw,
  boundedPareto,
  hotKey,
  parseKeys,
  parseSizes,
  remembered,
  uniform,
  zipf,
} from '../../scenarios/support/distributions.ts';
import { seededRandom } from '../../scenarios/support/random.ts';
import { chiSquareDeviate } from './chi-square.ts';

const DRAWS = 200_000;
/**
 * The 99.9 % point of a normal deviate: right distributions would be above it once in a thousand tests, if the seeds were not
 * fixed. Below its negative, counts are so even that they are no random draw either.
 */
const P_999 = 3.09;

/** How often each bin was drawn; `bins` are the first keys of bins, 0 first. */
function count(draw: Draw, bins: readonly number[], seed: number): number[] {
  const random = seededRandom(seed);
  const counts = bins.map(() => 0);
  for (let drawn = 0; drawn < DRAWS; drawn += 1) {
    const key = draw(random);
    let [low, high] = [0, bins.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((bins[middle] as number) <= key) low = middle;
      else high = middle;
    }
    counts[low] = (counts[low] as number) + 1;
  }
  return counts;
}

/** The exact probability of each bin, summed up key by key. */
function probabilities(weight: (key: number) => number, n: number, bins: readonly number[]): number[] {
  const sums = bins.map((from, index) => {
    const to = bins[index + 1] ?? n;
    let sum = 0;
    for (let key = from; key < to; key += 1) sum += weight(key);
    return sum;
  });
  const total = sums.reduce((a, b) => a + b, 0);
  return sums.map((sum) => sum / total);
}

/** One bin a key up to 30, then each a fifth wider than all before it. */
function binsOf(n: number): number[] {
  const bins: number[] = [];
  for (let from = 0; from < n; from = from < 30 ? from + 1 : Math.ceil(from * 1.2)) bins.push(from);
  return bins;
}

function deviate(draw: Draw, n: number, weight: (key: number) => number, seed: number): number {
  const bins = binsOf(n);
  return Math.abs(chiSquareDeviate(count(draw, bins, seed), probabilities(weight, n, bins)));
}

describe("Zipf's law, exactly", () => {
  test.each([
    [10, 0.2],
    [10, 0.99],
    [10, 1],
    [10, 1.1],
    [10, 2],
    [10, 3],
    [1_000, 0.5],
    [1_000, 1],
    [1_000, 1 + 1e-9],
    [1_000, 2.5],
    [10_000_000, 0.8],
    [10_000_000, 1],
    [10_000_000, 1.2],
  ])('n = %d, s = %d', (n, s) => {
    expect(deviate(zipf(n, s), n, (key) => (key + 1) ** -s, 11)).toBeLessThan(P_999);
  });

  test('another exponent is told apart: the test can fail', () => {
    const bins = binsOf(1_000);
    const weights = probabilities((key) => (key + 1) ** -1.05, 1_000, bins);
    expect(chiSquareDeviate(count(zipf(1_000, 1.1), bins, 11), weights)).toBeGreaterThan(P_999);
  });
});

test.each([10, 1_000, 10_000_000])('uniform over %d', (n) => {
  expect(deviate(uniform(n), n, () => 1, 5)).toBeLessThan(P_999);
});

test.each([
  [10, 0.5],
  [1_000, 0.2],
  [10_000_000, 0.05],
])('a hot key among %d takes the share %d', (n, share) => {
  expect(deviate(hotKey(n, share), n, (key) => (key === 0 ? share : (1 - share) / (n - 1)), 6)).toBeLessThan(P_999);
});

test.each([
  [1.2, 1, 100],
  [0.5, 3, 60],
  [2.5, 1, 10],
])('bounded Pareto sizes, alpha %d, %d to %d', (alpha, min, max) => {
  const weight = (index: number) => (min + index) ** -alpha - (min + index + 1) ** -alpha;
  const sizes = boundedPareto(alpha, min, max);
  expect(deviate((random) => sizes(random) - min, max - min + 1, weight, 7)).toBeLessThan(P_999);
});

const SPECS = ['uniform', 'zipf:1.1', 'zipf:1', 'hot:0.2'];

test.each(SPECS)('%s: the same seed gives the same keys, another seed others', (spec) => {
  const keys = (seed: number) => {
    const [draw, random] = [parseKeys(spec, 10_000_000), seededRandom(seed)];
    return Array.from({ length: 1_000 }, () => draw(random)).join(' ');
  };
  expect(keys(3)).toBe(keys(3));
  expect(keys(3)).not.toBe(keys(4));
});

test.each(SPECS)('%s: ten million keys cost no memory', (spec) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const [draw, random] = [parseKeys(spec, 10_000_000), seededRandom(1)];
  collect();
  const before = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  for (let drawn = 0; drawn < 300_000; drawn += 1) draw(random);
  collect();
  // A byte a key that was drawn would be more.
  expect(process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers - before).toBeLessThan(300_000);
});

test('one key, and the ends of a range', () => {
  const random = seededRandom(1);
  for (const spec of SPECS) expect(parseKeys(spec, 1)(random)).toBe(0);
  for (const end of [0, 1 - 2 ** -32]) {
    for (const spec of SPECS) expect([0, 1, 2]).toContain(parseKeys(spec, 3)(() => end));
    for (const spec of ['fixed:3', 'uniform:1-5', 'pareto:1.2,1-100']) {
      const size = parseSizes(spec, 100)(() => end);
      expect(size).toBeGreaterThanOrEqual(1);
      expect(size).toBeLessThanOrEqual(100);
    }
  }
  expect(parseSizes('fixed:3', 100)(random)).toBe(3);
  expect(parseSizes('uniform:1-5', 100)(() => 1 - 2 ** -32)).toBe(5);
});

test.each([
  '',
  'zipf',
  'zipf:',
  'zipf:0',
  'zipf:3.1',
  'zipf:-1',
  'zipf:x',
  'hot',
  'hot:0',
  'hot:1.5',
  'uniform:1',
  'zipf:1:2',
])('keys "%s" are refused with what is allowed', (text) => {
  expect(() => parseKeys(text, 10)).toThrow(
    `"${text}" is no distribution of keys: uniform, zipf:<0–3> or hot:<share 0–1>`,
  );
});

test.each([
  '',
  'fixed',
  'fixed:0',
  'fixed:101',
  'fixed:1.5',
  'uniform:5-1',
  'uniform:0-5',
  'pareto:1-5',
  'pareto:0,1-5',
  'zipf:1',
])('sizes "%s" are refused with what is allowed', (text) => {
  expect(() => parseSizes(text, 100)).toThrow(
    `"${text}" is no distribution of sizes: fixed:3, uniform:1-5 or pareto:1.2,1-100, at most 100`,
  );
});

test('a text is parsed once', () => {
  let parsed = 0;
  const draw = remembered((text) => {
    parsed += 1;
    return parseKeys(text, 10);
  });
  expect([draw('uniform'), draw('uniform'), draw('zipf:1')]).toHaveLength(3);
  expect(parsed).toBe(2);
});
