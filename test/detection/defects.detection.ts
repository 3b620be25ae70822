import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../lib/errors.ts';
import type { Verdict } from '../../reports/model/verdict.ts';
import { processesOf, runCli } from '../helpers/cli.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Run {
  readonly code: number | null;
  readonly verdict: Verdict;
  readonly output: string;
}

const ATTEMPTS = 3;

/**
 * Runs until there is an answer. An inconclusive run (other processes took the machine's CPU) is none, and is repeated; a red
 * or a green one never is.
 */
async function run(experiment: string, defect: string): Promise<Run> {
  let result = await runOnce(experiment, defect);
  for (let attempt = 2; attempt <= ATTEMPTS && result.code === EXIT.inconclusive; attempt += 1) {
    console.log(`${experiment}, ${defect === '' ? 'healthy' : defect}: ${result.verdict.summary}; once more`);
    result = await runOnce(experiment, defect);
  }
  return result;
}

async function runOnce(experiment: string, defect: string): Promise<Run> {
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

const EXPERIMENTS = [
  'peak-load',
  'engine-faults',
  'network-latency',
  'data-skew',
  'overload',
  'noisy-tenant',
  'soak',
  'spike',
  'mixed-clients',
  'pricing-comparison',
];

describe('the healthy reference system is green', () => {
  test.each(EXPERIMENTS)('%s', async (experiment) => {
    const { code, verdict, output } = await run(experiment, '');
    expect(
      verdict.checks.filter(({ outcome }) => outcome !== 'pass'),
      output,
    ).toEqual([]);
    expect(code).toBe(0);
  });
});

interface Detection {
  readonly defect: string;
  readonly experiment: string;
  /** What must be red. */
  readonly names: readonly string[];
  /** What may be red besides, since it follows from the same defect. */
  readonly also?: readonly string[];
}

const DETECTIONS: readonly Detection[] = [
  { defect: 'slow-path', experiment: 'peak-load', names: ['quotes are fast'] },
  { defect: 'slow-path', experiment: 'pricing-comparison', names: ['quote p50'], also: ['CPU a request'] },
  { defect: 'memory-leak', experiment: 'peak-load', names: ['engine memory'] },
  // Two at once: each turns its own check red.
  {
    defect: 'cpu-creep,memory-leak',
    experiment: 'soak',
    names: ['engine: a request costs the same all the time', 'engine: memory does not grow'],
  },
  {
    defect: 'chatty',
    experiment: 'network-latency',
    names: ['20 ms away: the delay is paid once', '60 ms away: the delay is paid once'],
    also: ['20 ms away: quotes in time', '60 ms away: quotes in time'],
  },
  {
    defect: 'hot-lock',
    experiment: 'data-skew',
    names: ['hot-key: quotes as fast as with even data'],
    also: ['zipf: quotes as fast as with even data', 'sizes: quotes as fast as with even data'],
  },
  {
    defect: 'no-shedding',
    experiment: 'overload',
    names: ['overload: goodput stays', 'overload: refused in the agreed way'],
    also: ['overload: well again afterwards'],
  },
  {
    defect: 'no-quota',
    experiment: 'noisy-tenant',
    names: ['the noisy tenant gets its quota'],
    also: ['the other tenants stay as fast'],
  },
  {
    defect: 'no-breaker',
    experiment: 'engine-faults',
    names: ['breaker: most quotes are fast while pricing is slow'],
  },
  {
    defect: 'no-timeout',
    experiment: 'engine-faults',
    names: ['time-out: every quote is bounded while pricing is slow'],
    // A breaker that never sees a failure never opens.
    also: ['breaker: most quotes are fast while pricing is slow'],
  },
];

describe('each defect turns red what names it, and nothing else', () => {
  test.each(DETECTIONS)('$defect in $experiment', async ({ defect, experiment, names, also = [] }) => {
    const { code, verdict, output } = await run(experiment, defect);
    expect(
      red(verdict).filter((title) => !also.includes(title)),
      output,
    ).toEqual(names);
    expect(code).toBe(1);
  });
});
