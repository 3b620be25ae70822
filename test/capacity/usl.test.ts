import { describe, expect, test } from 'vitest';
import { type Level, fitUsl } from '../../lib/capacity/usl.ts';
import { normal, seeded } from '../judge/random.ts';

const throughput = (n: number, lambda: number, sigma: number, kappa: number) =>
  (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));

const LEVELS = [1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192];

function levels(sigma: number, kappa: number, noise: () => number = () => 0, replicates = 1): Level[] {
  return LEVELS.flatMap((concurrency) =>
    Array.from({ length: replicates }, () => ({
      concurrency,
      perSecond: throughput(concurrency, 40, sigma, kappa) * (1 + noise()),
    })),
  );
}

describe('exact figures give back the law', () => {
  test.each([
    [0.05, 0.0005],
    [0.1, 0.001],
    [0.02, 0.0001],
    [0.3, 0.00005],
  ])('σ = %d, κ = %d', (sigma, kappa) => {
    const fit = fitUsl(levels(sigma, kappa));
    if (!fit.fitted) throw new Error(fit.reason);
    expect(fit.lambda).toBeCloseTo(40, 6);
    expect(fit.sigma / sigma).toBeCloseTo(1, 6);
    expect(fit.kappa / kappa).toBeCloseTo(1, 6);
    expect((fit.peakConcurrency ?? 0) / Math.sqrt((1 - sigma) / kappa)).toBeCloseTo(1, 6);
    expect(fit.rSquared).toBeCloseTo(1, 9);
  });

  test('without coherency there is no peak', () => {
    const fit = fitUsl(levels(0.1, 0));
    expect(fit).toMatchObject({ fitted: true });
    expect(fit).not.toHaveProperty('peakConcurrency', expect.any(Number));
  });
});

test('5 % noise: σ, κ and N* within 10 % in 95 of 100 searches', () => {
  const [sigma, kappa] = [0.05, 0.0005];
  const peak = Math.sqrt((1 - sigma) / kappa);
  let within = 0;
  const runs = 1_000;
  for (let seed = 1; seed <= runs; seed += 1) {
    const random = seeded(seed);
    const fit = fitUsl(levels(sigma, kappa, () => 0.05 * normal(random), REPLICATES));
    if (!fit.fitted) continue;
    const errors = [fit.sigma / sigma, fit.kappa / kappa, (fit.peakConcurrency ?? 0) / peak].map((ratio) =>
      Math.abs(ratio - 1),
    );
    if (errors.every((error) => error <= 0.1)) within += 1;
  }
  expect(within / runs).toBeGreaterThanOrEqual(0.95);
});

/** How often each of the twelve levels is measured. */
const REPLICATES = 4;

describe('what cannot be fitted', () => {
  test('five levels', () => {
    const few = levels(0.05, 0.0005).slice(0, 5);
    expect(fitUsl(few)).toEqual({ fitted: false, reason: '5 different load levels, at least 6 are needed' });
  });

  test('twelve times the same level', () => {
    const same = Array.from({ length: 12 }, () => ({ concurrency: 8, perSecond: 100 }));
    expect(fitUsl(same)).toMatchObject({ fitted: false });
  });

  test('levels without throughput do not count', () => {
    const broken = levels(0.05, 0.0005).map((level, index) => (index < 7 ? { ...level, perSecond: 0 } : level));
    expect(fitUsl(broken)).toMatchObject({ fitted: false });
  });
});
