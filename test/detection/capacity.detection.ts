import { expect, test } from 'vitest';
import { WHOLE } from './run-experiment.ts';
import { CAPACITY, type Oracle, runningServer, searchOracle } from '../capacity/oracle.ts';

/** First rates, from less than half of the capacity to twice of it. */
const STARTS = WHOLE ? [80, 90, 110, 150, 230, 400] : [80, 400];
/** Short, since there are many: from 1.4 % above the capacity on, 6 s of growing queue break the budget. */
const SHORT = { warmUp: '1s', duration: '5s' };

test(`${STARTS.length} searches agree: each within ± 5 % of the known capacity, with a coefficient of variation of at most 5 %`, async () => {
  const found: number[] = [];
  const check = async (start: number, args: readonly string[] = [], oracle: Oracle = {}) => {
    const search = await searchOracle(['--from', `${start}/s`, '--up-to', '1000/s', ...args], {
      capacity: SHORT,
      ...oracle,
    });
    const { report, stdout } = search;
    expect(report.ending, stdout).toBe('found');
    expect(report.probes.length, stdout).toBeLessThanOrEqual(10);
    const { lastPassPerSecond: low = 0, firstFailPerSecond: high = 0 } = report;
    console.log(`from ${start}/s: [${low}, ${high}] in ${report.probes.length} probes`);
    expect(Math.abs(low / CAPACITY - 1), stdout).toBeLessThanOrEqual(0.05);
    found.push(low);
    return search;
  };

  for (const start of STARTS.slice(0, -2)) {
    const { report, code } = await check(start);
    expect([report.outcome, code]).toEqual(['pass', 0]);
  }
  // A forecast above the capacity does not hold.
  const { report, code } = await check(STARTS.at(-2) ?? 0, ['--forecast', '240/s']);
  expect([report.outcome, code]).toEqual(['fail', 1]);
  // A server that runs already keeps what is left of a probe for the next one.
  await using server = await runningServer();
  await check(STARTS.at(-1) ?? 0, [], {
    service: { url: server.url },
    capacity: { ...SHORT, coolDown: '3s' },
  });

  const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
  const deviation = Math.sqrt(found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / found.length);
  console.log(`last pass: ${found.join(', ')}; CV ${((deviation / mean) * 100).toFixed(2)} %`);
  expect(deviation / mean).toBeLessThanOrEqual(0.05);
}, 1_800_000);

test('a bound that is not reached is not called one', async () => {
  const { report, code } = await searchOracle(['--from', '100/s', '--up-to', '120/s'], { capacity: SHORT });
  expect(report).toMatchObject({ ending: 'no-bound', outcome: 'inconclusive', lastPassPerSecond: 120 });
  expect(report.summary).toContain('bound not found');
  expect(code).toBe(3);
}, 180_000);

test('a bound that is not reached holds a forecast below it', async () => {
  const args = ['--from', '100/s', '--up-to', '120/s', '--forecast', '110/s'];
  const { report, code } = await searchOracle(args, { capacity: SHORT });
  expect(report).toMatchObject({ ending: 'no-bound', outcome: 'pass' });
  expect(code).toBe(0);
}, 120_000);
