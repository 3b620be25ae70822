import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processesOf, runCli, startCli } from '../helpers/cli.ts';
import { CAPACITY, oracleProject, searchIn, searchOracle } from './oracle.ts';

test('the capacity of a server that is known is found within ± 5 % in at most 10 probes', async () => {
  const { report, folder, code, stdout, stderr } = await searchOracle(['--from', '130/s', '--up-to', '1000/s']);
  const output = `${stdout}\n${stderr}`;
  expect(report.ending, output).toBe('found');
  expect(code).toBe(0);
  expect(report.probes.length).toBeLessThanOrEqual(10);
  const { lastPassPerSecond: low = 0, firstFailPerSecond: high = 0 } = report;
  expect(Math.abs(low / CAPACITY - 1), output).toBeLessThanOrEqual(0.05);
  expect(high / low).toBeLessThanOrEqual(1.05);
  expect(report.limitingBudget).toBe('no queue');
  expect(report.saturatedResource).toMatch(/^none that is seen/);
  // Each probe is a run of its own, with all that a run has.
  for (const probe of report.probes) {
    for (const file of ['verdict.json', 'report.html', 'timeline.ndjson', 'journal.ndjson']) {
      expect(existsSync(join(folder, probe.folder, file)), `${probe.folder}/${file}`).toBe(true);
    }
    // What comes out is what went in, until that is more than there is.
    const achieved = probe.achievedPerSecond ?? 0;
    expect(Math.abs(achieved / Math.min(probe.perSecond, CAPACITY) - 1), output).toBeLessThan(0.05);
  }
  for (const file of ['report.html', 'junit.xml', 'summary.md']) expect(existsSync(join(folder, file))).toBe(true);
  expect(processesOf(folder)).toEqual([]);
}, 300_000);

test('ctrl-C ends the search after clean-up, with what it has', async () => {
  const project = oracleProject({ capacity: { warmUp: '0s', duration: '3s' } });
  // Few bad events are enough to break this budget: the probe is short.
  const args = ['--from', '60/s', '--up-to', '150/s', '--set', 'budgets.0.atLeast=90%'];
  const cli = startCli(project, ['capacity', 'oracle', ...args]);
  await cli.waitFor(/probe 2: [^]*starting the load/);
  cli.child.kill('SIGINT');
  const { code } = await cli.ended;
  expect(code).toBe(130);
  const { report } = searchIn(project);
  expect(report).toMatchObject({ ending: 'aborted', outcome: 'inconclusive', lastPassPerSecond: 60 });
  expect(report.probes).toHaveLength(1);
  expect(processesOf(project)).toEqual([]);
}, 60_000);

test('a dry run says what would be probed and starts nothing', async () => {
  const project = oracleProject();
  const { code, stdout } = await runCli(project, [
    'capacity',
    'oracle',
    '--from',
    '130/s',
    '--forecast',
    '150/s',
    '--dry-run',
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain('from 130/s up to 2000/s, to within 5 %, in at most 10 probes');
  expect(stdout).toContain('forecast 150/s, 100 % of it must hold');
  expect(stdout).toContain('holds when: no queue');
  expect(existsSync(join(project, 'reports/out'))).toBe(false);
}, 30_000);

test('a search that cannot begin says why', async () => {
  const project = oracleProject();
  const { code, stderr } = await runCli(project, ['capacity', 'oracle', '--from', '300/s', '--up-to', '100/s']);
  expect(stderr).toContain('oracle: no rates to probe between 300/s and 100/s');
  expect(code).toBe(2);
}, 30_000);
