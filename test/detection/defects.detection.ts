import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../reports/model/verdict.ts';
import { processesOf, runCli } from '../helpers/cli.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

async function run(
  experiment: string,
  defect: string,
): Promise<{ code: number | null; verdict: Verdict; output: string }> {
  const output = mkdtempSync(join(tmpdir(), 'cutover-detection-'));
  const result = await runCli(ROOT, ['run', experiment, '--set', `output=${output}`], { CUTOVER_DEFECT: defect });
  expect(processesOf(output)).toEqual([]);
  const path = join(output, experiment, 'latest', 'verdict.json');
  const text = `${result.stdout}\n${result.stderr}`;
  return { code: result.code, verdict: JSON.parse(readFileSync(path, 'utf8')) as Verdict, output: text };
}

function red(verdict: Verdict): string[] {
  return verdict.checks.filter(({ outcome }) => outcome === 'fail').map(({ title }) => title);
}

describe('the healthy reference system is green', () => {
  test.each(['peak-load', 'engine-faults'])('%s', async (experiment) => {
    const { code, verdict, output } = await run(experiment, '');
    expect(
      verdict.checks.filter(({ outcome }) => outcome !== 'pass'),
      output,
    ).toEqual([]);
    expect(code).toBe(0);
  });
});

describe('each defect turns red what names it', () => {
  test.each([
    {
      defect: 'slow-path',
      experiment: 'peak-load',
      names: ['quotes are fast'],
    },
    { defect: 'memory-leak', experiment: 'peak-load', names: ['engine memory'] },
    {
      defect: 'no-breaker',
      experiment: 'engine-faults',
      names: ['breaker: most quotes are fast while pricing is slow'],
    },
    {
      defect: 'no-timeout',
      experiment: 'engine-faults',
      names: ['time-out: every quote is bounded while pricing is slow'],
    },
  ])('$defect in $experiment', async ({ defect, experiment, names }) => {
    const { code, verdict, output } = await run(experiment, defect);
    expect(red(verdict), output).toEqual(expect.arrayContaining(names));
    expect(code).toBe(1);
  });
});
