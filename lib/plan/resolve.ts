import { existsSync } from 'node:fs';
import { dirname, isAbsolute, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPlaceholders, knownPlaceholders } from '../provision/placeholders.ts';
import { layOut, peakPerSecond } from './phases.ts';
import type { Plan } from './plan.ts';
import type { Problem } from './problem.ts';
import { resolveBudgets } from './resolve-budgets.ts';
import { resolveFaults } from './resolve-faults.ts';
import type { Config } from './schema/config.ts';
import type { Experiment } from './schema/experiment.ts';
import { suggest } from './nearest.ts';

const BUILTIN = 'builtin:';
const SCENARIOS = fileURLToPath(new URL('../../scenarios/', import.meta.url));
export const BUILTIN_SCENARIOS = ['http', 'peak-load'];

/** Adds a problem of the experiment's file. */
export type Report = (path: string, value: unknown, message: string, hint?: string) => void;

export interface Source {
  /** The file that the experiment stands in; its relative paths start at its folder. */
  readonly file: string;
  /** Path of the experiment in that file ("" or "experiments[0]"). */
  readonly prefix: string;
  readonly configFile: string;
}

/**
 * Turns a validated experiment into a plan: lays phases and faults on one clock and checks every name against the
 * system. All problems are returned together.
 */
export function resolveExperiment(config: Config, experiment: Experiment, source: Source): Plan | readonly Problem[] {
  const problems: Problem[] = [];
  const report: Report = (path, value, message, hint) => {
    const full = source.prefix === '' ? path : `${source.prefix}.${path}`;
    problems.push({ file: source.file, path: full, value, message, hint });
  };
  const { load } = experiment;
  const phases = layOut(load.phases);
  const phaseNames = phases.map((phase) => phase.name);
  reportDuplicates(phaseNames, 'load.phases', report);
  if (peakPerSecond(phases) === 0)
    report('load.phases', undefined, 'no phase has any arrivals', 'give one a rate above 0/s');
  const scenario = resolveScenario(load.scenario, dirname(source.file), report);
  const env = { ...config.defaults.load?.env, ...load.env };
  const known = knownPlaceholders(config.system);
  for (const [name, value] of Object.entries(env)) {
    for (const placeholder of findPlaceholders(value)) {
      if (!known.includes(placeholder)) {
        report(`load.env.${name}`, value, `unknown placeholder {{${placeholder}}}`, suggest(placeholder, known));
      }
    }
  }
  checkTraffic(config, experiment, report);
  const faults = resolveFaults(experiment, phases, Object.keys(config.system.edges), report);
  const budgets = resolveBudgets(experiment.budgets, {
    phases: phaseNames,
    faults: faults.map((fault) => fault.name),
    services: Object.keys(config.system.services),
    report,
  });
  if (problems.length > 0) return problems;
  return {
    version: 1,
    experiment: experiment.name,
    description: experiment.description,
    seed: experiment.seed,
    root: dirname(source.configFile),
    system: config.system,
    traffic: experiment.traffic,
    load: {
      scenario,
      env,
      phases,
      steady: load.steady,
      maxVUs: load.maxVUs ?? Math.max(20, Math.ceil(peakPerSecond(phases) * 2)),
    },
    faults,
    budgets,
  };
}

/** `builtin:<name>` or a path relative to the experiment's file → the script's absolute path. */
function resolveScenario(scenario: string | undefined, folder: string, report: Report): string {
  if (scenario === undefined) {
    report('load.scenario', undefined, 'is missing', 'name a k6 script here or in the defaults of the config');
    return '';
  }
  if (scenario.startsWith(BUILTIN)) {
    const name = scenario.slice(BUILTIN.length);
    if (!BUILTIN_SCENARIOS.includes(name)) {
      report('load.scenario', scenario, 'unknown built-in scenario', suggest(name, BUILTIN_SCENARIOS));
    }
    return `${SCENARIOS}${name}.ts`;
  }
  const path = isAbsolute(scenario) ? scenario : resolvePath(folder, scenario);
  if (!existsSync(path)) report('load.scenario', scenario, 'no such file', `looked for ${path}`);
  return path;
}

function checkTraffic(config: Config, experiment: Experiment, report: Report): void {
  const known = config.system.trafficSwitch?.capabilities ?? [];
  for (const [capability, value] of Object.entries(experiment.traffic)) {
    if (known.includes(capability)) continue;
    const hint = known.length === 0 ? 'the system has no trafficSwitch' : suggest(capability, known);
    report(`traffic.${capability}`, value, 'unknown capability', hint);
  }
}

function reportDuplicates(names: readonly string[], path: string, report: Report): void {
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) report(`${path}[${index}].name`, name, 'is used twice', 'give each its own name');
  }
}
