import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { EXIT } from '../../lib/errors.ts';
import type { Verdict } from '../../reports/model/verdict.ts';
import { processesOf, runCli } from '../helpers/cli.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly verdict: Verdict;
  readonly output: string;
}

/**
 * CUTOVER_DETECTION=whole runs each defect in every experiment of its family and writes the matrix of docs/detection.md; else a defect
 * is run only where it must turn something red.
 */
export const WHOLE = process.env['CUTOVER_DETECTION'] === 'whole';

const ATTEMPTS = 3;

export interface RunOptions {
  readonly config?: string;
  /** Whether the run gave no answer and is to be repeated; default: it was inconclusive. */
  readonly again?: (run: Run) => boolean;
}

/**
 * Runs until there is an answer. An inconclusive run (other processes took the machine's CPU) is none, and is repeated; a red
 * or a green one never is.
 */
export async function runExperiment(experiment: string, defect: string, options: RunOptions = {}): Promise<Run> {
  const { config, again = ({ code }) => code === EXIT.inconclusive } = options;
  let result = await runOnce(experiment, defect, config);
  for (let attempt = 2; attempt <= ATTEMPTS && again(result); attempt += 1) {
    console.log(`${experiment}, ${defect === '' ? 'healthy' : defect}: ${result.verdict.summary}; once more`);
    result = await runOnce(experiment, defect, config);
  }
  return result;
}

async function runOnce(experiment: string, defect: string, config: string | undefined): Promise<Run> {
  const output = mkdtempSync(join(tmpdir(), 'cutover-detection-'));
  const result = await runCli(
    ROOT,
    ['run', experiment, '--set', `output=${output}`, ...(config === undefined ? [] : ['-c', config])],
    { CUTOVER_DEFECT: defect },
  );
  expect(processesOf(output)).toEqual([]);
  const path = join(output, experiment, 'latest', 'verdict.json');
  const text = `${result.stdout}\n${result.stderr}`;
  return { code: result.code, verdict: JSON.parse(readFileSync(path, 'utf8')) as Verdict, output: text };
}
