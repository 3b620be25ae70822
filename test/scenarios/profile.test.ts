import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrivals, layOut, phaseAt } from '../../scenarios/support/profile.ts';
import { below, seededRandom, weighted } from '../../scenarios/support/random.ts';

const phases = layOut(['warm-up', 2, 10, 10], ['ramp', 4, 10, 50], ['steady', 6, 200, 200], ['recovery', 2, 5, 5]);

test.each([
  [0, 'warm-up'],
  [1_999, 'warm-up'],
  [2_000, 'ramp'],
  [6_000, 'steady'],
  [11_999, 'steady'],
  [12_000, 'recovery'],
  [99_000, 'recovery'],
])('at %d ms the phase is %s', (elapsedMs, name) => {
  expect(phaseAt(phases, elapsedMs)).toBe(name);
});

test('the profile jumps where phases do, and k6 gets whole numbers', () => {
  expect(arrivals({ phases, maxVUs: 40 })).toMatchObject({
    executor: 'ramping-arrival-rate',
    startRate: 600,
    timeUnit: '1m',
    maxVUs: 40,
    preAllocatedVUs: 40,
    stages: [
      { target: 600, duration: '2000ms' },
      { target: 3_000, duration: '4000ms' },
      { target: 12_000, duration: '0ms' },
      { target: 12_000, duration: '6000ms' },
      { target: 300, duration: '0ms' },
      { target: 300, duration: '2000ms' },
    ],
  });
});

test('stages last as long as the phases, whatever these are', () => {
  const phase = fc.tuple(
    fc.constant('p'),
    fc.integer({ min: 1, max: 100 }),
    fc.integer({ min: 0, max: 500 }),
    fc.integer({ min: 0, max: 500 }),
  );
  fc.assert(
    fc.property(fc.array(phase, { minLength: 1, maxLength: 8 }), (list) => {
      const laidOut = layOut(...list);
      const { stages } = arrivals({ phases: laidOut, maxVUs: 10 });
      const totalMs = stages.reduce((sum, { duration }) => sum + Number.parseInt(duration, 10), 0);
      expect(totalMs).toBe(laidOut.at(-1)?.endMs);
      expect(stages.every(({ target }) => Number.isInteger(target))).toBe(true);
    }),
  );
});

test('random numbers follow from the seed, and are spread evenly', () => {
  const draw = (seed: number, n: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: n }, () => random());
  };
  expect(draw(1, 50)).toEqual(draw(1, 50));
  expect(draw(1, 50)).not.toEqual(draw(2, 50));
  const counts = Array.from({ length: 10 }, () => 0);
  for (const value of draw(42, 100_000)) counts[Math.floor(value * 10)] = (counts[Math.floor(value * 10)] ?? 0) + 1;
  const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
  // 27.88 is the 99.9 % point of χ² with 9 degrees of freedom; the draw is seeded, so that this is no matter of luck.
  expect(chiSquare).toBeLessThan(27.88);
});

test('weights are kept', () => {
  const random = seededRandom(3);
  const pick = weighted({ a: 50, none: 0, b: 30, c: 20 });
  const picks = Array.from({ length: 20_000 }, () => pick(random));
  const share = (name: string) => picks.filter((picked) => picked === name).length / picks.length;
  expect(share('a')).toBeCloseTo(0.5, 1);
  expect(share('c')).toBeCloseTo(0.2, 1);
  expect(share('none')).toBe(0);
  expect(pick(() => 1)).toBe('c');
  expect(Array.from({ length: 100 }, () => below(3, random)).every((n) => [0, 1, 2].includes(n))).toBe(true);
});
