import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processesOf } from '../helpers/cli.ts';
import { CAPACITY, searchOracle } from './oracle.ts';

test('the capacity of a server that is known is found within ± 5 % in at most 10 probes', async () => {
  const { report, folder, code, stdout, stderr } = await searchOracle(['--from', '130/s', '--up-to', '1000/s']);
  const output = `${stdout}\n${stderr}`;
  expect(report.ending, output).toBe('found');
  expect(code).toBe(0);
  expect(report.probes.length).toBeLessThanOrEqual(10);
  expect(Math.abs((report.lastPassPerSecond ?? 0) / CAPACITY - 1)).toBeLessThanOrEqual(0.05);
  expect((report.firstFailPerSecond ?? 0) / (report.lastPassPerSecond ?? 1)).toBeLessThanOrEqual(1.055);
  expect(report.limitingBudget).toBe('no queue');
  expect(report.saturatedResource).toMatch(/^none that is seen/);
  // Each probe is a run of its own, with all that a run has.
  for (const probe of report.probes) {
    for (const file of ['verdict.json', 'report.html', 'timeline.ndjson', 'journal.ndjson']) {
      expect(existsSync(join(folder, probe.folder, file)), `${probe.folder}/${file}`).toBe(true);
    }
  }
  for (const file of ['report.html', 'junit.xml', 'summary.md']) expect(existsSync(join(folder, file))).toBe(true);
  expect(processesOf(folder)).toEqual([]);
}, 180_000);

test('a search that cannot begin says why', async () => {
  await expect(searchOracle(['--from', '300/s', '--up-to', '100/s'])).rejects.toThrow('capacity.json');
}, 30_000);
