import { dirname, relative, resolve } from 'node:path';
import { checkSystem } from './check-system.ts';
import { loadFile } from './load-file.ts';
import { findConfig } from './load-plans.ts';
import type { Plan } from './plan.ts';
import { PlanError } from './problem.ts';
import { configSchema } from './schema/config.ts';
import { validate } from './validate.ts';

export interface LoadedSystem {
  /** Where run folders go (absolute). */
  readonly output: string;
  /** The config's system with nothing to do in it. */
  readonly plan: Plan;
}

/** Loads a config's system, without its experiments. PlanError with all problems, or UsageError. */
export async function loadSystem(cwd: string, configPath: string | undefined): Promise<LoadedSystem> {
  const configFile = findConfig({ cwd, configPath });
  const root = dirname(configFile);
  const shown = relative(cwd, configFile);
  const config = validate(shown, configSchema, await loadFile(configFile));
  if (!config.ok) throw new PlanError(config.problems);
  const { system, output } = config.value;
  const problems = checkSystem(shown, system);
  if (problems.length > 0) throw new PlanError(problems);
  return {
    output: resolve(root, output),
    plan: {
      version: 1,
      experiment: 'up',
      description: '',
      seed: 1,
      root,
      system,
      traffic: {},
      load: { scenario: '', env: {}, phases: [], steady: '', maxVUs: 0, recordWrites: false },
      faults: [],
      drills: [],
      budgets: [],
    },
  };
}
