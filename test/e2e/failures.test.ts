import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type RunningCli, makeProject, processesOf, runCli, startCli } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';
import { shopProject } from './projects.ts';

function project(options: Parameters<typeof shopProject>[0] = {}, files: Record<string, unknown> = {}): string {
  return makeProject({ 'cutover.config.json': shopProject(options), ...files });
}

function pidOf(folder: string, pattern: RegExp): number {
  const line = processesOf(folder).find((process) => pattern.test(process));
  if (line === undefined) throw new Error(`no ${pattern} among:\n${processesOf(folder).join('\n')}`);
  return Number.parseInt(line, 10);
}

async function underLoad(folder: string): Promise<RunningCli> {
  const cli = startCli(folder, ['run']);
  await cli.waitFor(/offered/);
  return cli;
}

function verdictOf(folder: string): { outcome: string; summary: string; stoppedEarly?: string } {
  return JSON.parse(readFileSync(join(folder, 'reports/out/smoke/latest/verdict.json'), 'utf8')) as never;
}

describe('wrong input ends with 2 before anything starts', () => {
  test.each([
    [
      'an unknown key',
      { change: (c: object) => ({ ...c, experimentz: [] }) as never },
      /experimentz: unknown key .*\n.*did you mean "experiments"/,
    ],
    [
      'a bad duration',
      { seconds: 'four' as never },
      /load\.phases\[0\]\.duration: must be a duration such as .* \(is "fours"\)/,
    ],
    ['a missing scenario', { scenario: 'nowhere.ts' }, /load\.scenario: no such file \(is "nowhere\.ts"\)/],
  ])('%s', async (_, options, message) => {
    const folder = project(options);
    const { code, stderr } = await runCli(folder, ['run']);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(readdirSync(folder)).toEqual(['cutover.config.json']);
  });

  test.each([
    ['an unknown command', ['rum'], /unknown command 'rum'/],
    ['an unknown option', ['run', '--fast'], /unknown option '--fast'/],
    ['an unknown experiment', ['run', 'smok'], /no experiment "smok"\n.*did you mean "smoke"/],
    ['an override of nothing', ['run', '--set', 'load.phase=1'], /did you mean "phases"/],
    ['no config here', ['run', '--config', 'x.ts'], /no such file: x\.ts/],
  ])('%s', async (_, args, message) => {
    const { code, stderr } = await runCli(project(), args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  test.each([
    [
      'a syntax error in a scenario',
      'export default function () {\n  const = 1;\n}\n',
      /scenario\.ts:2:9: Expected identifier/,
    ],
    [
      'a scenario that throws when it is loaded',
      'throw new Error("no luck today");\nexport default function () {}\n',
      /k6 refused the scenario \(exit code 107\):[^]*no luck today/,
    ],
  ])('%s', async (_, script, message) => {
    const folder = project({ scenario: 'scenario.ts' }, { 'scenario.ts': script });
    const { code, stderr } = await runCli(folder, ['run']);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(processesOf(folder)).toEqual([]);
  });
});

describe('what cannot start ends with 4', () => {
  test('a port that is taken, with who has it', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const folder = project({ port });
    const { code, stderr } = await runCli(folder, ['run']);
    holder.close();
    expect(stderr).toMatch(new RegExp(`port ${port} .*"shop" is taken by pid ${process.pid}`));
    expect(code).toBe(4);
    expect(processesOf(folder)).toEqual([]);
  });

  test('a service that dies at once, with its last words', async () => {
    const folder = project({ mode: 'dies' });
    const { code, stderr } = await runCli(folder, ['run']);
    expect(stderr).toMatch(/shop[^]*exit code 7[^]*the till is empty/);
    expect(code).toBe(4);
    expect(processesOf(folder)).toEqual([]);
  });

  test('a service that never gets ready, with its last answer', async () => {
    const folder = project({ mode: 'never-ready' });
    const { code, stderr } = await runCli(folder, ['run']);
    expect(stderr).toMatch(/shop[^]*503/);
    expect(code).toBe(4);
    expect(processesOf(folder)).toEqual([]);
  });

  test('no k6 and no Go, with how to get them', async () => {
    const folder = project();
    // A PATH with nothing on it but this Node.
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    symlinkSync(process.execPath, join(bin, 'node'));
    const env = { PATH: bin, CUTOVER_CACHE: join(folder, 'cache'), CUTOVER_K6: '', CUTOVER_TOXIPROXY_SERVER: '' };
    const { code, stderr } = await runCli(folder, ['run'], env);
    expect(stderr).toMatch(/k6[^]*Go/);
    expect(stderr).toMatch(/hint:/);
    expect(code).toBe(4);
    const doctor = await runCli(folder, ['doctor'], env);
    expect(doctor.stdout).toMatch(/k6.*missing/i);
    expect(doctor.code).toBe(4);
  });
});

describe('what ends in the middle', () => {
  test('k6 killed from outside: inconclusive, 3', async () => {
    const folder = project({ seconds: 20 });
    const cli = await underLoad(folder);
    process.kill(pidOf(folder, /k6 run/), 'SIGKILL');
    const { code } = await cli.ended;
    expect(code).toBe(3);
    expect(verdictOf(folder)).toMatchObject({
      outcome: 'inconclusive',
      stoppedEarly: expect.stringMatching(/the load generator ended/),
    });
    expect(processesOf(folder)).toEqual([]);
  });

  test('a service killed from outside: the verdict is fail and names it, 1', async () => {
    const folder = project({ seconds: 20 });
    const cli = await underLoad(folder);
    process.kill(pidOf(folder, /shop\.mjs/), 'SIGKILL');
    const { code } = await cli.ended;
    expect(verdictOf(folder)).toMatchObject({
      outcome: 'fail',
      stoppedEarly: expect.stringMatching(/shop ended unexpectedly/),
    });
    expect(code).toBe(1);
    expect(processesOf(folder)).toEqual([]);
  });

  test('Toxiproxy killed from outside: nothing was learnt about the system, 3', async () => {
    const folder = project({ seconds: 20 });
    const cli = await underLoad(folder);
    process.kill(pidOf(folder, /toxiproxy/), 'SIGKILL');
    const { code } = await cli.ended;
    expect(verdictOf(folder).outcome).toBe('inconclusive');
    expect(code).toBe(3);
    expect(processesOf(folder)).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s: everything stops, what there is gets written, 130; a second one skips nothing',
    async (signal) => {
      const folder = project({ seconds: 20 });
      const cli = await underLoad(folder);
      cli.child.kill(signal);
      await cli.waitFor(/stopping the load/);
      cli.child.kill(signal);
      const { code } = await cli.ended;
      expect(code).toBe(130);
      expect(verdictOf(folder).stoppedEarly).toMatch(/aborted by the user/);
      expect(readdirSync(join(folder, 'reports/out/smoke/latest/')).toSorted()).toEqual(
        expect.arrayContaining(['junit.xml', 'report.html', 'summary.md', 'timeline.ndjson']),
      );
      expect(processesOf(folder)).toEqual([]);
    },
  );

  test('kill -9 of the harness: nothing is left', async () => {
    const folder = project({ seconds: 20 });
    const cli = await underLoad(folder);
    expect(processesOf(folder).length).toBeGreaterThanOrEqual(3);
    cli.child.kill('SIGKILL');
    await cli.ended;
    await until('nothing is left', () => processesOf(folder).length === 0);
  });
});

test('a red verdict: 1, and it says why', async () => {
  const folder = project({ mode: 'slow' });
  const { code, stdout } = await runCli(folder, ['run']);
  expect(verdictOf(folder).outcome).toBe('fail');
  expect(stdout).toMatch(/95 ?% .*under 50 ?ms/);
  expect(code).toBe(1);
});

test('an exception in every iteration is no success', async () => {
  const folder = project({ scenario: 'scenario.ts' });
  writeFileSync(join(folder, 'scenario.ts'), 'export default function () { throw new Error("boo"); }\n');
  const { code } = await runCli(folder, ['run']);
  expect(verdictOf(folder).outcome).not.toBe('pass');
  expect(code).not.toBe(0);
});
