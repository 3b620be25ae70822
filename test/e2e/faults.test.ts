import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ConfigInput, ExperimentInput } from '../../lib/index.ts';
import type { Verdict } from '../../reports/model/verdict.ts';
import { type CliResult, makeProject, processesOf, runCli } from '../helpers/cli.ts';
import { shopProject } from './projects.ts';

type Fault = NonNullable<ExperimentInput['faults']>[number];

interface FaultyOptions {
  readonly mode?: string;
  readonly fault: Fault;
  readonly seconds?: number;
}

/** The shop under load, with a second edge to it that nobody uses. */
function withFault({ mode = 'ok', fault, seconds = 4 }: FaultyOptions): ConfigInput {
  return shopProject({
    mode,
    change: (config) => {
      const { edges = {} } = config.system;
      const [experiment] = config.experiments as [ExperimentInput];
      const unused = { from: 'client', to: 'shop.http', protocol: 'http' as const };
      const rate = '50/s';
      const phases = [
        { name: 'steady', duration: '4s', rate },
        { name: 'broken', duration: `${seconds}s`, rate },
        { name: 'recovery', duration: '5s', rate },
      ];
      const broken = { kind: 'errors' as const, phase: 'broken', atMost: '1%', minEvents: 50 };
      return {
        ...config,
        system: { ...config.system, edges: { ...edges, unused } },
        experiments: [
          {
            ...experiment,
            load: { ...experiment.load, phases },
            faults: [fault],
            budgets: [...(experiment.budgets ?? []), broken],
          },
        ],
      };
    },
  });
}

async function run(config: ConfigInput): Promise<CliResult & { readonly verdict: Verdict }> {
  const folder = makeProject({ 'cutover.config.json': config });
  const result = await runCli(folder, ['run']);
  expect(processesOf(folder)).toEqual([]);
  const verdict = JSON.parse(readFileSync(join(folder, 'reports/out/smoke/latest/verdict.json'), 'utf8')) as Verdict;
  return { ...result, verdict };
}

function outcomes(verdict: Verdict): Record<string, string> {
  return Object.fromEntries(verdict.checks.map(({ id, outcome }) => [id, outcome]));
}

test('an edge that is down is felt by its callers, and shown to be back', async () => {
  const { code, verdict } = await run(
    withFault({ fault: { name: 'cut', kind: 'down', edge: 'client-shop', during: 'broken' } }),
  );
  expect(outcomes(verdict)).toMatchObject({
    'errors:*:steady': 'pass',
    'errors:*:broken': 'fail',
    'fault-effect:cut': 'pass',
    generator: 'pass',
  });
  expect(code).toBe(1);
});

test('a fault that touches no traffic proves nothing: inconclusive, 3', async () => {
  const { code, verdict } = await run(
    withFault({ fault: { name: 'cut', kind: 'down', edge: 'unused', during: 'broken' } }),
  );
  expect(outcomes(verdict)).toMatchObject({ 'errors:*:broken': 'pass', 'fault-effect:cut': 'inconclusive' });
  expect(code).toBe(3);
});

test('an edge that comes and goes is seen to do both', async () => {
  const fault: Fault = {
    name: 'loose',
    kind: 'flapping',
    edge: 'client-shop',
    down: '600ms',
    up: '600ms',
    during: 'broken',
  };
  const { code, verdict } = await run(withFault({ fault }));
  expect(outcomes(verdict)).toMatchObject({
    'errors:*:broken': 'fail',
    'fault-effect:loose': 'pass',
    generator: 'pass',
  });
  expect(verdict.checks.find(({ id }) => id === 'fault-effect:loose')?.measured).toMatch(
    /[1-9] of \d+ round trips without answer/,
  );
  expect(code).toBe(1);
});

test('a steady state that does not hold ends the experiment before the fault', async () => {
  const fault: Fault = { name: 'cut', kind: 'down', edge: 'client-shop', during: 'broken' };
  const { code, verdict, stdout } = await run(withFault({ mode: 'slow', seconds: 60, fault }));
  expect(verdict.stoppedEarly).toMatch(/steady state did not hold before the first fault/);
  expect(outcomes(verdict)).toMatchObject({
    'latency:*:steady': 'fail',
    'errors:*:broken': 'inconclusive',
    'fault-effect:cut': 'inconclusive',
  });
  expect(stdout).not.toMatch(/fault cut: injected/);
  expect(code).toBe(1);
});
