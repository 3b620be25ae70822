import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeProject, processesOf, runCli } from '../helpers/cli.ts';
import { withPrometheus } from '../helpers/prometheus.ts';

const RULES = 'groups: [{ name: shop, rules: [{ alert: ShopFails, expr: "rate(failed_total[5m]) > 0" }] }]\n';

/** A shop that would leave a mark if it were started. */
function project(rules: string): string {
  return makeProject({
    'shop.rules.yaml': rules,
    'cutover.config.json': {
      version: 1,
      system: {
        services: {
          shop: {
            process: { command: ['touch', 'started'] },
            ports: ['http'],
            metrics: 'http://{{shop.http}}/metrics',
          },
        },
      },
      experiments: [
        {
          version: 1,
          name: 'told',
          load: {
            scenario: 'builtin:http',
            env: { URL: 'http://{{shop.http}}/' },
            phases: [{ name: 'steady', duration: '1s', rate: '5/s' }],
          },
          budgets: [{ kind: 'errors', phase: 'steady', atMost: '1%' }],
          alerts: { prometheus: { rules: ['shop.rules.yaml'] } },
        },
      ],
    },
  });
}

test('without a Prometheus nothing is started: 4, with how to get one', async () => {
  const folder = project(RULES);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  const { code, stderr } = await runCli(folder, ['run'], { PATH: bin });
  expect(stderr).toMatch(/prometheus, for experiments with `alerts`: not on PATH[^]*hint: apt-get install prometheus/);
  expect(code).toBe(4);
  expect(processesOf(folder)).toEqual([]);
  const doctor = await runCli(folder, ['doctor', '--no-build'], { PATH: bin });
  expect(doctor.stdout).toMatch(/-- {2}prometheus +missing \(optional, for experiments with `alerts`\)/);
});

describe.skipIf(withPrometheus.skip)(`with a Prometheus ${withPrometheus.reason}`, () => {
  test('rules that it would refuse end with 2, before anything starts', async () => {
    const folder = project(RULES.replace('[5m])', '[5m]'));
    const { code, stderr } = await runCli(folder, ['run']);
    expect(stderr).toMatch(/promtool refuses the rules[^]*unclosed left parenthesis/);
    expect(stderr).not.toMatch(/shop: starting/);
    expect(code).toBe(2);
    expect(processesOf(folder)).toEqual([]);
  });
});

test('rules are made of budgets, with the metrics of the service', async () => {
  const folder = project(RULES);
  const { code, stdout } = await runCli(folder, ['alerts', 'told', '-m', 'requests=hits_total', '-m', 'badCodes=5..']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^# Made by "cutover alerts told"/);
  expect(stdout).toContain('sum(rate(hits_total{code=~"5.."}[5m]))');
  const wrong = await runCli(folder, ['alerts', 'told', '-m', 'request=hits_total']);
  expect(wrong.stderr).toMatch(/--metric: request: unknown key[^]*did you mean "requests"\?/);
  expect(wrong.code).toBe(2);
});
