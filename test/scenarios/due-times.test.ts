import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dueTimes } from '../../scenarios/support/due-times.ts';
import { type Phase, layOut } from '../../scenarios/support/profile.ts';

/** A power of two, so that adding steps up is exact. */
const STEP_MS = 1 / 16;

/** The rate that k6 is given (whole numbers a minute), at a time in a phase. */
function perMsAt({ startMs, endMs, fromPerSecond, toPerSecond, shape }: Phase, atMs: number): number {
  const corners = shape ?? [
    { atMs: startMs, perSecond: fromPerSecond },
    { atMs: endMs, perSecond: toPerSecond },
  ];
  const next = corners.findIndex((corner) => corner.atMs > atMs);
  const [a, b] = [corners[next - 1], corners[next]];
  if (a === undefined || b === undefined) throw new Error(`${atMs} is not in the phase`);
  const [from, to] = [Math.round(a.perSecond * 60) / 60_000, Math.round(b.perSecond * 60) / 60_000];
  return from + ((to - from) * (atMs - a.atMs)) / (b.atMs - a.atMs);
}

/** By brute force: adds the rate up in small steps, and notes when the sum passes a whole number. */
function dueBySumming(phases: readonly Phase[]): number[] {
  const due: number[] = [];
  let area = 0;
  for (const phase of phases) {
    for (let atMs = phase.startMs; atMs < phase.endMs; atMs += STEP_MS) {
      area += perMsAt(phase, atMs + STEP_MS / 2) * STEP_MS;
      while (area >= due.length + 1) due.push(atMs + STEP_MS);
    }
  }
  return due;
}

const rate = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 120 }), fc.double({ min: 0.1, max: 60, noNaN: true }));
const straight = fc.tuple(
  fc.constant('p'),
  fc.integer({ min: 1, max: 4 }).map((n) => n / 2),
  rate,
  rate,
);
const phasesOf = fc.array(straight, { minLength: 1, maxLength: 4 }).map((list) => layOut(...list));
/** A phase of several lines, one of them a jump. */
const shaped = fc.tuple(rate, rate, rate, rate).map(([a, b, c, d]) => [
  ...layOut(['p', 1, 10, 10]),
  {
    name: 'shaped',
    startMs: 1_000,
    endMs: 3_000,
    fromPerSecond: a,
    toPerSecond: d,
    shape: [
      { atMs: 1_000, perSecond: a },
      { atMs: 1_700, perSecond: b },
      { atMs: 1_700, perSecond: c },
      { atMs: 3_000, perSecond: d },
    ],
  },
]);

test('an iteration is due when the integral of the rate passes its number', () => {
  fc.assert(
    fc.property(fc.oneof(phasesOf, shaped), (phases) => {
      const { dueMs } = dueTimes({ phases, maxVUs: 1 });
      for (const [index, summed] of dueBySumming(phases).entries()) {
        const due = dueMs(index);
        // On the very end of a line, rounding decides whether one comes before a pause or after it.
        const atAnEnd = phases.some(({ endMs, shape = [] }) =>
          [endMs, ...shape.map(({ atMs }) => atMs)].some((end) => Math.abs(summed - end) <= 2 * STEP_MS),
        );
        if (atAnEnd) continue;
        expect(due, `iteration ${index}`).toBeGreaterThan(summed - 2 * STEP_MS);
        expect(due, `iteration ${index}`).toBeLessThan(summed + STEP_MS);
      }
    }),
    { numRuns: 60, seed: 1 },
  );
});

test('there are as many as the integral says, in order', () => {
  fc.assert(
    fc.property(fc.oneof(phasesOf, shaped), (phases) => {
      const { dueMs } = dueTimes({ phases, maxVUs: 1 });
      let last = 0;
      let count = 0;
      for (let due = dueMs(0); due !== undefined; due = dueMs(count)) {
        expect(due).toBeGreaterThanOrEqual(last);
        last = due;
        count += 1;
      }
      expect(last).toBeLessThanOrEqual((phases.at(-1)?.endMs ?? 0) + 1e-6);
      expect(Math.abs(count - dueBySumming(phases).length)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 60, seed: 2 },
  );
});

test('the latest due time is that of the last iteration that was due', () => {
  fc.assert(
    fc.property(fc.oneof(phasesOf, shaped), fc.double({ min: 0, max: 1.2, noNaN: true }), (phases, share) => {
      const { dueMs, latestDueMs } = dueTimes({ phases, maxVUs: 1 });
      const atMs = share * (phases.at(-1)?.endMs ?? 0);
      let latest = 0;
      for (let index = 0; (dueMs(index) ?? Number.POSITIVE_INFINITY) <= atMs; index += 1) latest = dueMs(index) ?? 0;
      expect(latestDueMs(atMs)).toBeCloseTo(latest, 1);
    }),
    { seed: 3 },
  );
});

describe('what k6 does', () => {
  test('the first is due one interval after the start, the last at the end', () => {
    const { dueMs, latestDueMs } = dueTimes({ phases: layOut(['steady', 10, 20, 20]), maxVUs: 1 });
    expect([0, 1, 199, 200].map(dueMs)).toEqual([50, 100, 10_000, undefined]);
    expect([0, 49, 50, 99, 10_000, 20_000].map(latestDueMs)).toEqual([0, 0, 50, 50, 10_000, 10_000]);
  });

  test('an iteration counts as late from when it was due, not from the one before', () => {
    const { dueMs, latestDueMs } = dueTimes({ phases: layOut(['steady', 600, 333, 333]), maxVUs: 1 });
    for (const index of [0, 1, 99_999, 199_799])
      expect(latestDueMs(dueMs(index) ?? 0)).toBeCloseTo(dueMs(index) ?? 0, 3);
  });

  test('nothing is due in a pause', () => {
    const { dueMs, latestDueMs } = dueTimes({
      phases: layOut(['a', 1, 10, 10], ['pause', 5, 0, 0], ['b', 1, 10, 10]),
      maxVUs: 1,
    });
    expect([9, 10].map(dueMs)).toEqual([1_000, 6_100]);
    expect(latestDueMs(5_000)).toBe(1_000);
  });

  test('a rate from a file with thousands of lines is searched by halves', () => {
    const shape = Array.from({ length: 20_001 }, (_, index) => ({ atMs: index * 100, perSecond: 50 + (index % 7) }));
    const phases = [{ name: 'day', startMs: 0, endMs: 2_000_000, fromPerSecond: 50, toPerSecond: 51, shape }];
    const { dueMs, latestDueMs } = dueTimes({ phases, maxVUs: 1 });
    for (let index = 0; index < 100_000; index += 997)
      expect(latestDueMs(dueMs(index) ?? 0)).toBeCloseTo(dueMs(index) ?? 0, 3);
  });
});
