import { expect, test } from 'vitest';
import { CAPACITY, searchOracle } from '../capacity/oracle.ts';

/** From a third of the capacity to more than it. */
const STARTS = [70, 95, 120, 150, 180, 260];

test('six searches agree: each within ± 5 % of the known capacity, with a coefficient of variation of at most 5 %', async () => {
  const found: number[] = [];
  for (const start of STARTS) {
    const { report, stdout } = await searchOracle(['--from', `${start}/s`, '--up-to', '1000/s']);
    expect(report.ending, stdout).toBe('found');
    expect(report.probes.length, stdout).toBeLessThanOrEqual(10);
    const lastPass = report.lastPassPerSecond ?? 0;
    expect(Math.abs(lastPass / CAPACITY - 1), stdout).toBeLessThanOrEqual(0.05);
    found.push(lastPass);
  }
  const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
  const deviation = Math.sqrt(found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / found.length);
  console.log(`last pass: ${found.join(', ')}; CV ${((deviation / mean) * 100).toFixed(2)} %`);
  expect(deviation / mean).toBeLessThanOrEqual(0.05);
}, 900_000);

test('a bound that is not reached is not called one', async () => {
  const { report, code } = await searchOracle(['--from', '50/s', '--up-to', '120/s']);
  expect(report).toMatchObject({ ending: 'no-bound', outcome: 'inconclusive', lastPassPerSecond: 120 });
  expect(report.summary).toContain('bound not found');
  expect(code).toBe(3);
}, 120_000);

test('a forecast that does not hold is red', async () => {
  const args = ['--from', '150/s', '--up-to', '1000/s', '--forecast', '240/s', '--precision', '10%'];
  const { report, code } = await searchOracle(args);
  expect(report.outcome).toBe('fail');
  expect(code).toBe(1);
}, 180_000);
