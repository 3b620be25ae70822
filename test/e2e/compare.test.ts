import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { EXIT } from '../../lib/errors.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { type Verdict, verdictSchema } from '../../reports/model/verdict.ts';
import { type CliResult, makeProject, processesOf, runCli } from '../helpers/cli.ts';

const SERVER = fileURLToPath(new URL('fixtures/two-versions.mjs', import.meta.url));

function project(): string {
  const url = (version: string) => ({ URL: `http://{{shop.http}}/${version}` });
  return makeProject({
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
}

async function compare(args: readonly string[]): Promise<CliResult & { readonly verdict: Verdict }> {
  const folder = project();
  const result = await runCli(folder, ['compare', 'versions', ...args]);
  expect(processesOf(folder)).toEqual([]);
  const path = join(folder, 'reports/out/versions/latest/verdict.json');
  return { ...result, verdict: verdictSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) };
}

test('a candidate that takes half as long again is red, and only that', async () => {
  const args = ['--blocks', '8', '--block', '3s'];
  let result = await compare(args);
  // Without an answer (other processes had the CPUs) it is asked again; a wrong answer stays one.
  if (result.code === EXIT.inconclusive) result = await compare(args);
  const { code, verdict, stdout } = result;
  expect(
    verdict.checks.filter(({ outcome }) => outcome === 'fail').map(({ title }) => title),
    stdout,
  ).toEqual(['all operations p50']);
  expect(code).toBe(1);
  const [row] = verdict.comparison?.rows ?? [];
  expect(row?.estimate).toBeGreaterThan(1.3);
  expect(row?.estimate).toBeLessThan(1.6);
  expect(row?.blocks.filter(({ value }) => value !== null)).toHaveLength(16);
  // To a reader there is one phase, not its blocks.
  expect(verdict.phases.map(({ name }) => name)).toEqual(['warm-up', 'compare']);
}, 180_000);

test('compared with itself it shows the noise floor, and is not red', async () => {
  const { code, verdict, stdout } = await compare(['--blocks', '6', '--block', '3s', '--aa']);
  expect(verdict.comparison?.sameOnPurpose).toBe(true);
  expect([0, 3], stdout).toContain(code);
  expect(verdict.comparison?.rows[0]?.noise).toBeGreaterThan(0);
}, 120_000);

test('options change the blocks, the margin and the candidate, and nothing else', async () => {
  const args = ['--blocks', '8', '--block', '4s', '--margin', '5%', '--aa'];
  const { code, stdout } = await runCli(project(), ['compare', 'versions', '--dry-run', '--json', ...args]);
  expect(code).toBe(0);
  const [plan] = JSON.parse(stdout) as Plan[];
  expect(plan?.comparison).toMatchObject({
    blocks: 8,
    candidate: { env: { URL: 'http://{{shop.http}}/v1' } },
    metrics: [
      { of: 'latency', operation: '*', quantile: 0.5, margin: 0.05 },
      { of: 'errors', margin: 0.001 },
      { of: 'throughput', margin: 0.01 },
    ],
  });
  expect(plan?.load.phases.at(-1)?.endMs).toBe(2_000 + 2 * 8 * 4_000);
}, 20_000);

test.each([
  ['--blocks', 'many', 'a whole number'],
  ['--block', '5', 'a duration'],
  ['--margin', '0.1', 'a percentage'],
])(
  '%s %s is refused',
  async (option, value, message) => {
    const { code, stderr } = await runCli(project(), ['compare', 'versions', '--dry-run', option, value]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${option} ${value}: must be ${message}`)]);
  },
  20_000,
);

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
