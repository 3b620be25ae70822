import fc from 'fast-check';
import { expect, test } from 'vitest';
import { offeredIn, phaseAt } from '../../lib/observe/offered.ts';
import { layOut } from '../../lib/plan/phases.ts';

const phases = layOut([
  { name: 'ramp', duration: 2_000, rate: { from: 0, to: 100 } },
  { name: 'steady', duration: 1_500, rate: 100 },
  { name: 'step', duration: 1_000, rate: 40 },
]);

test.each([
  [0, 1_000, 25],
  [1_000, 2_000, 75],
  [0, 2_000, 100],
  [2_000, 3_000, 100],
  [3_000, 4_000, 0.5 * 100 + 0.5 * 40],
  [4_000, 5_000, 20],
  [5_000, 6_000, 0],
  [-1_000, 0, 0],
  [1_000, 1_000, 0],
])('from %d ms to %d ms %d arrivals are planned', (fromMs, toMs, arrivals) => {
  expect(offeredIn(phases, fromMs, toMs)).toBeCloseTo(arrivals, 9);
});

test('windows add up to the whole, however they are cut', () => {
  const phase = fc.record({
    name: fc.constant('p'),
    duration: fc.integer({ min: 1, max: 5_000 }),
    rate: fc.record({ from: fc.integer({ min: 0, max: 500 }), to: fc.integer({ min: 0, max: 500 }) }),
  });
  fc.assert(
    fc.property(fc.array(phase, { minLength: 1, maxLength: 6 }), fc.integer({ min: 7, max: 3_000 }), (input, step) => {
      const plan = layOut(input);
      const endMs = plan.at(-1)?.endMs ?? 0;
      let sum = 0;
      for (let at = 0; at < endMs; at += step) sum += offeredIn(plan, at, at + step);
      const area = input.reduce(
        (total, { duration, rate }) => total + (duration / 1_000) * ((rate.from + rate.to) / 2),
        0,
      );
      expect(sum).toBeCloseTo(area, 6);
    }),
  );
});

test.each([
  [0, 'ramp'],
  [1_999, 'ramp'],
  [2_000, 'steady'],
  [3_500, 'step'],
  [9_000, 'step'],
])('at %d ms the phase is %s', (atMs, name) => {
  expect(phaseAt(phases, atMs)).toBe(name);
});

test('a shape is the sum of its straight lines; a jump takes no time', () => {
  const [shaped] = layOut([{ name: 'steps', duration: 3_000, rate: { steps: [10, 40, 20] } }]);
  const plan = shaped === undefined ? [] : [shaped];
  expect(offeredIn(plan, 0, 1_000)).toBeCloseTo(10, 9);
  expect(offeredIn(plan, 500, 1_500)).toBeCloseTo(25, 9);
  expect(offeredIn(plan, 0, 3_000)).toBeCloseTo(70, 9);
});
