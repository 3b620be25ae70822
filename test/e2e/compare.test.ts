import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Verdict, verdictSchema } from '../../reports/model/verdict.ts';
import { type CliResult, makeProject, processesOf, runCli } from '../helpers/cli.ts';

const SERVER = fileURLToPath(new URL('fixtures/two-versions.mjs', import.meta.url));

async function compare(args: readonly string[]): Promise<CliResult & { readonly verdict: Verdict }> {
  const url = (version: string) => ({ URL: `http://{{shop.http}}/${version}` });
  const folder = makeProject({
    'cutover.config.json': {
      version: 1,
      system: {
        services: {
          shop: {
            process: { command: [process.execPath, SERVER, '{{shop.http}}'] },
            ports: ['http'],
            ready: { tcp: '{{shop.http}}' },
          },
        },
      },
      experiments: [
        {
          version: 1,
          name: 'versions',
          load: {
            scenario: 'builtin:http',
            phases: [
              { name: 'warm-up', duration: '2s', rate: '60/s', env: url('v1') },
              { name: 'compare', duration: '96s', rate: '60/s' },
            ],
          },
          comparison: {
            blocks: 16,
            baseline: { env: url('v1') },
            candidate: { env: url('v2') },
            metrics: [{ of: 'latency', quantile: '50%', margin: '20%' }, { of: 'errors' }, { of: 'throughput' }],
          },
        },
      ],
    },
  });
  const result = await runCli(folder, ['compare', 'versions', ...args]);
  expect(processesOf(folder)).toEqual([]);
  const path = join(folder, 'reports/out/versions/latest/verdict.json');
  return { ...result, verdict: verdictSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) };
}

test('a candidate that takes half as long again is red, and only that', async () => {
  const { code, verdict, stdout } = await compare(['--blocks', '6', '--block', '3s']);
  expect(
    verdict.checks.filter(({ outcome }) => outcome === 'fail').map(({ title }) => title),
    stdout,
  ).toEqual(['all operations p50']);
  expect(code).toBe(1);
  const [row] = verdict.comparison?.rows ?? [];
  expect(row?.estimate).toBeGreaterThan(1.3);
  expect(row?.estimate).toBeLessThan(1.6);
  expect(row?.blocks.filter(({ value }) => value !== null)).toHaveLength(12);
  // To a reader there is one phase, not its blocks.
  expect(verdict.phases.map(({ name }) => name)).toEqual(['warm-up', 'compare']);
}, 120_000);

test('compared with itself it shows the noise floor, and is not red', async () => {
  const { code, verdict, stdout } = await compare(['--blocks', '6', '--block', '3s', '--aa']);
  expect(verdict.comparison?.sameOnPurpose).toBe(true);
  expect([0, 3], stdout).toContain(code);
  expect(verdict.comparison?.rows[0]?.noise).toBeGreaterThan(0);
}, 120_000);

test('an experiment that compares nothing is refused', async () => {
  const folder = makeProject({
    'cutover.config.json': {
      version: 1,
      system: { services: { shop: { url: 'http://127.0.0.1:1' } } },
      experiments: [
        {
          version: 1,
          name: 'plain',
          load: {
            scenario: 'builtin:http',
            env: { URL: '{{shop}}' },
            phases: [{ name: 'a', duration: '1s', rate: '1/s' }],
          },
          budgets: [{ kind: 'errors', phase: 'a', atMost: '1%' }],
        },
      ],
    },
  });
  const { code, stderr } = await runCli(folder, ['compare', 'plain']);
  expect(code).toBe(2);
  expect(stderr).toContain('compares nothing');
}, 20_000);
