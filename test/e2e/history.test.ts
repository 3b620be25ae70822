import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { freePort } from '../../chaos/drivers/free-port.ts';
import type { ConfigInput } from '../../lib/index.ts';
import type { Verdict } from '../../reports/model/verdict.ts';
import { decodeWriteLine } from '../../scenarios/support/write-line.ts';
import { makeProject, processesOf, runCli, startCli } from '../helpers/cli.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const LATEST = 'reports/out/ledger/latest';

function ledgerProject(mode: string, port: number, seconds = 3): ConfigInput {
  return {
    version: 1,
    system: {
      services: {
        ledger: {
          process: { command: [process.execPath, fixture('ledger.mjs'), '{{ledger.http}}', mode], stopTimeout: '3s' },
          ports: { http: port },
          ready: { http: 'http://{{ledger.http}}/', timeout: '10s' },
        },
      },
    },
    experiments: [
      {
        version: 1,
        name: 'ledger',
        load: {
          scenario: fixture('ledger-scenario.ts'),
          env: { URL: 'http://{{ledger.http}}' },
          phases: [{ name: 'steady', duration: `${seconds}s`, rate: '80/s' }],
        },
        history: {
          finals: {
            api: {
              read: { http: { url: 'http://{{ledger.http}}/entries?after={{after}}&limit={{limit}}' } },
              paging: { after: '/position', limit: 60 },
              fields: { id: '/key', account: '/account', value: '/amount', order: '/position' },
            },
          },
          settle: [{ url: 'http://{{ledger.http}}/outbox', pointer: '/outbox' }],
          readWithin: '1s',
          reads: {},
        },
      },
    ],
  };
}

function verdictIn(folder: string): Verdict {
  return JSON.parse(readFileSync(join(folder, LATEST, 'verdict.json'), 'utf8')) as Verdict;
}

function outcomesOf(verdict: Verdict): Record<string, string> {
  const history = verdict.checks.filter(({ kind }) => kind === 'history');
  return Object.fromEntries(history.map(({ id, outcome }) => [id.replace('history:', ''), outcome]));
}

const WELL = {
  'api:lost': 'pass',
  'api:unexpected': 'pass',
  'api:duplicated': 'pass',
  'api:corrupt': 'pass',
  'api:reordered': 'pass',
  stale: 'pass',
};

describe("a user's own ledger and scenario", { timeout: 60_000 }, () => {
  test.each([
    ['ok', {}, 0],
    ['loses', { 'api:lost': 'fail', stale: 'fail' }, 1],
    ['is-wrong', { 'api:duplicated': 'fail', 'api:unexpected': 'fail', 'api:corrupt': 'fail' }, 1],
    [
      'unreadable',
      Object.fromEntries(Object.keys(WELL).map((id) => [id, id === 'stale' ? 'pass' : 'inconclusive'])),
      3,
    ],
  ])('%s', async (mode, broken, exitCode) => {
    const folder = makeProject({ 'cutover.config.json': ledgerProject(mode, await freePort()) });
    const { code, stderr } = await runCli(folder, ['run']);
    const verdict = verdictIn(folder);
    expect(outcomesOf(verdict)).toEqual({ ...WELL, ...broken });
    expect(code, stderr).toBe(exitCode);
    expect(processesOf(folder)).toEqual([]);
    const [section] = verdict.sections;
    expect(section).toMatchObject({ id: 'history', checks: Object.keys(WELL).map((id) => `history:${id}`) });
    if (mode === 'ok') {
      expect(section?.note).toMatch(
        /^2\d\d writes attempted: .* acknowledged, 0 refused, [1-9] that may have been done or not/,
      );
      expect(section?.details).toHaveLength(1);
    }
    if (mode !== 'loses') return;
    const lost = section?.details.find(({ title }) => title.startsWith('api: writes'));
    if (lost?.kind !== 'table') throw new Error('there is a table of the writes that are lost');
    // Each with its time line: the same ids as in the file, by whom, when, during what.
    const violations = readFileSync(join(folder, LATEST, 'violations.ndjson'), 'utf8')
      .trim()
      .split('\n');
    const ids = violations.map((line) => JSON.parse(line) as { check: string; id: string });
    expect(lost.rows.map(([, id]) => id)).toEqual(ids.filter(({ check }) => check === 'lost').map(({ id }) => id));
    expect(lost.rows[0]).toEqual([
      'lost',
      expect.stringMatching(/^entry-.*-\d+-\d+$/),
      '–',
      expect.stringMatching(/^account-\d$/),
      expect.stringMatching(/^\d\.\d{3} s$/),
      expect.stringMatching(/^\d\.\d{3} s$/),
      expect.stringMatching(/^user \d+, POST \/entries$/),
      'steady',
      'not there',
    ]);
    // Judged again, from the files: the same, until a file says something else.
    const again = await runCli(folder, ['report', join(folder, LATEST), '--judge']);
    expect(again.code).toBe(1);
    expect(verdictIn(folder)).toEqual(verdict);
    writeFileSync(join(folder, LATEST, 'final-state-api.ndjson'), '');
    await runCli(folder, ['report', join(folder, LATEST), '--judge']);
    const check = verdictIn(folder).checks.find(({ id }) => id === 'history:api:lost');
    expect(check?.evidence).toMatchObject({ rows: 0, violations: check?.evidence['acknowledged'] });
  });
});

test('a load generator that is killed takes no record along', { timeout: 60_000 }, async () => {
  const port = await freePort();
  const folder = makeProject({ 'cutover.config.json': ledgerProject('ok', port, 60) });
  const cli = startCli(folder, ['run']);
  const received = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/received`).catch(() => undefined);
    return (await response?.text())?.split('\n').filter((key) => key !== '') ?? [];
  };
  while ((await received()).length < 200 && cli.child.exitCode === null)
    await new Promise((next) => setTimeout(next, 20));
  const k6 = processesOf(folder).find((line) => line.includes('--console-output='));
  process.kill(Number.parseInt(k6 ?? '', 10), 'SIGKILL');
  const atDeath = await received();
  const { code } = await cli.ended;
  const lines = readFileSync(join(folder, LATEST, 'writes.ndjson'), 'utf8')
    .trim()
    .split('\n');
  const recorded = new Set(
    lines.flatMap((line) => {
      const decoded = decodeWriteLine((JSON.parse(line) as { msg: string }).msg);
      return decoded?.event === 'attempted' ? [decoded.key] : [];
    }),
  );
  expect(atDeath.filter((key) => !recorded.has(key))).toEqual([]);
  expect(outcomesOf(verdictIn(folder))).toEqual(WELL);
  expect(code).toBe(3);
});
