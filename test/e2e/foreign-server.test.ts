import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBrokenLink } from '../../lib/journal/journal.ts';
import { readTimeline } from '../../lib/observe/timeline.ts';
import { verdictSchema } from '../../reports/model/verdict.ts';
import { makeProject, processesOf, runCli } from '../helpers/cli.ts';

/** The README's example, as it stands there. */
function readmeExample(name: string): string {
  const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
  const found = new RegExp(`<!-- example: ${name} -->\\n\`\`\`ts\\n([^]*?)\`\`\`\\n<!-- end -->`).exec(readme)?.[1];
  if (found === undefined) throw new Error(`no example "${name}" in the README`);
  return found;
}

// A server that is not ours to instrument: no metrics, no hooks, no idea of what a cutover is.
const server = createServer((request, response) => {
  response.statusCode = request.url === '/' ? 200 : 404;
  response.end('hello');
});
let folder: string;
let run: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const example = readmeExample('foreign-server');
  expect(example.trim().split('\n').length).toBeLessThanOrEqual(15);
  folder = makeProject({ 'cutover.config.ts': example.replace('127.0.0.1:8080', `127.0.0.1:${port}`) });
  run = join(folder, 'reports/out/smoke/latest');
});
afterAll(() => server.close());

test('a server that runs already is judged with a config of 15 lines', async () => {
  const { code, stdout, stderr } = await runCli(folder, ['run']);
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  expect(stdout).toMatch(/PASS .*smoke/);
  expect(stdout).toMatch(/report: reports\/out\/smoke\/.*\/report\.html/);
  expect(processesOf(folder)).toEqual([]);
});

test('the run folder holds what it should, and agrees with itself', () => {
  const read = (name: string) => readFileSync(join(run, name), 'utf8');
  expect(readlinkSync(run)).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{6}$/);
  const verdict = verdictSchema.parse(JSON.parse(read('verdict.json')));
  expect(verdict.outcome).toBe('pass');
  expect(verdict.operations.map(({ operation, phase }) => `${operation} ${phase}`)).toEqual([
    'GET / ramp',
    'GET / steady',
  ]);
  // 50/s for 2 s on a ramp from 0, then for 5 s.
  const requests = verdict.operations.reduce((sum, operation) => sum + operation.requests, 0);
  expect(requests).toBeGreaterThanOrEqual(297);
  expect(requests).toBeLessThanOrEqual(302);
  const timeline = readTimeline(read('timeline.ndjson'));
  const seen = timeline
    .flatMap((second) => second.operations)
    .reduce((sum, { succeeded, failed }) => sum + succeeded.count + failed.count, 0);
  expect(seen).toBe(requests);
  expect(findBrokenLink(read('journal.ndjson'))).toBeUndefined();
  const junit = new XMLParser({ ignoreAttributes: false }).parse(read('junit.xml')) as {
    testsuites: { '@_tests': string; '@_failures': string };
  };
  expect(junit.testsuites).toMatchObject({ '@_tests': String(verdict.checks.length), '@_failures': '0' });
  expect(read('summary.md')).toMatch(/pass/i);
  expect(read('report.html')).toMatch(/^<!doctype html>/i);
  expect(existsSync(join(run, 'logs/k6.log'))).toBe(true);
});

test('judged again from its files, a run comes to the same verdict', async () => {
  const before = readFileSync(join(run, 'verdict.json'), 'utf8');
  const { code } = await runCli(folder, ['report', 'smoke', '--judge']);
  expect(code).toBe(0);
  expect(readFileSync(join(run, 'verdict.json'), 'utf8')).toBe(before);
});

test('a report is rendered again, or told to be impossible', async () => {
  const again = await runCli(folder, ['report', run, '--json']);
  expect(again.code).toBe(0);
  expect(verdictSchema.parse(JSON.parse(again.stdout)).outcome).toBe('pass');
  const nothing = await runCli(folder, ['report', 'nowhere']);
  expect(nothing.code).toBe(2);
  expect(nothing.stderr).toMatch(/no run "nowhere"/);
});

test('a budget that does not hold is red, as JSON for scripts and on the command line', async () => {
  const strict = [
    '--set',
    'experiments.smoke.budgets.0.under=1ms',
    '--set',
    'experiments.smoke.budgets.0.atLeast=100%',
    '--json',
  ];
  // The server is made slow enough that no machine could be this fast.
  server.removeAllListeners('request');
  server.on('request', (_, response: { end: (text: string) => void }) => setTimeout(() => response.end('late'), 5));
  const { code, stdout } = await runCli(folder, ['run', ...strict]);
  expect(code).toBe(1);
  const result = JSON.parse(stdout) as {
    exitCode: number;
    experiments: { outcome: string; checks: { id: string; outcome: string }[] }[];
  };
  expect(result.exitCode).toBe(1);
  expect(result.experiments[0]?.checks).toContainEqual(
    expect.objectContaining({ id: 'latency:*:steady', outcome: 'fail' }),
  );
});

test('nobody there: 4, and nothing half-started', async () => {
  const empty = makeProject({
    'cutover.config.ts': readmeExample('foreign-server').replace('127.0.0.1:8080', '127.0.0.1:9'),
  });
  const { code, stderr } = await runCli(empty, ['run']);
  expect(stderr).toMatch(/shop[^]*127\.0\.0\.1:9/);
  expect(code).toBe(4);
  expect(processesOf(empty)).toEqual([]);
});

test('a dry run prints the schedule and starts nothing', async () => {
  const { code, stdout } = await runCli(folder, ['run', '--dry-run']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/0ms – +2s +phase ramp +0\/s → 50\/s/);
  const list = await runCli(folder, ['list']);
  expect(list.stdout).toMatch(/^smoke +7s +0 faults +2 budgets/);
});
