import { existsSync, globSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { checkSystem } from './check-system.ts';
import { loadFile } from './load-file.ts';
import { suggest } from './nearest.ts';
import { type Override, applyOverride } from './override.ts';
import type { Plan } from './plan.ts';
import { PlanError, type Problem } from './problem.ts';
import { resolveExperiment } from './resolve.ts';
import { type Config, configSchema } from './schema/config.ts';
import { experimentSchema } from './schema/experiment.ts';
import { validate } from './validate.ts';

export const CONFIG_NAMES = [
  'cutover.config.ts',
  'cutover.config.js',
  'cutover.config.json',
  'cutover.config.yaml',
  'cutover.config.yml',
];

export interface PlanRequest {
  /** Folder that relative paths of the command line start at. */
  readonly cwd: string;
  /** The config file; default: one of `CONFIG_NAMES` in `cwd`. */
  readonly configPath?: string | undefined;
  /** Names of the experiments, or paths of experiment files; none: all of the config. */
  readonly names: readonly string[];
  readonly overrides: readonly Override[];
}

export interface Plans {
  readonly configFile: string;
  /** Where run folders go (absolute). */
  readonly output: string;
  readonly plans: readonly Plan[];
}

/** A raw experiment and where it stands. */
interface Candidate {
  readonly file: string;
  readonly prefix: string;
  readonly raw: unknown;
}

/**
 * Loads the config and the experiments that were asked for, applies overrides, validates and resolves them.
 * Throws a `PlanError` with all problems, or a `UsageError`.
 */
export async function loadPlans(request: PlanRequest): Promise<Plans> {
  const configFile = findConfig(request);
  const display = (file: string) => displayPath(request.cwd, file);
  const configKeys = Object.keys(configSchema.shape).filter((key) => key !== 'version');
  const forConfig = request.overrides.filter(({ path }) => configKeys.includes(path[0] ?? ''));
  const forExperiments = request.overrides.filter((override) => !forConfig.includes(override));
  checkOverrideRoots(forExperiments, configKeys);

  const rawConfig = forConfig.reduce(applyOverride, await loadFile(configFile));
  const config = validate(display(configFile), configSchema, rawConfig);
  if (!config.ok) throw new PlanError(config.problems);
  const problems: Problem[] = [...checkSystem(display(configFile), config.value.system)];

  const candidates = await findCandidates(configFile, rawConfig, config.value);
  const plans: Plan[] = [];
  for (const candidate of await select(candidates, request)) {
    const raw = forExperiments.reduce(applyOverride, withDefaults(candidate.raw, config.value, configFile));
    const experiment = validate(display(candidate.file), experimentSchema, raw);
    if (!experiment.ok) {
      problems.push(
        ...experiment.problems.map((problem) => ({ ...problem, path: join(candidate.prefix, problem.path) })),
      );
      continue;
    }
    const resolved = resolveExperiment(config.value, experiment.value, { ...candidate, configFile });
    if ('experiment' in resolved) plans.push(resolved);
    else problems.push(...resolved.map((problem) => ({ ...problem, file: display(problem.file) })));
  }
  problems.push(...duplicateNames(plans, display(configFile)));
  if (problems.length > 0) throw new PlanError(problems);
  return { configFile, output: resolve(dirname(configFile), config.value.output), plans };
}

/** UsageError when there is none. */
export function findConfig({ cwd, configPath }: Pick<PlanRequest, 'cwd' | 'configPath'>): string {
  if (configPath !== undefined) {
    const path = resolve(cwd, configPath);
    if (existsSync(path)) return path;
    throw new UsageError(`no such file: ${configPath}`, { hint: 'check --config' });
  }
  const found = CONFIG_NAMES.map((name) => resolve(cwd, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new UsageError(`no cutover.config.ts in ${cwd}`, { hint: 'change to its folder, or name it with --config' });
}

/** Every experiment of the config, in its order; globs are sorted. */
async function findCandidates(configFile: string, rawConfig: unknown, config: Config): Promise<Candidate[]> {
  const root = dirname(configFile);
  const rawList = (rawConfig as { experiments: unknown[] }).experiments;
  const candidates: Candidate[] = [];
  for (const [index, entry] of config.experiments.entries()) {
    if (typeof entry !== 'string') {
      candidates.push({ file: configFile, prefix: `experiments[${index}]`, raw: rawList[index] });
      continue;
    }
    const files = globSync(entry, { cwd: root }).toSorted();
    if (files.length === 0) {
      const problem = { file: configFile, path: `experiments[${index}]`, value: entry, message: 'matches no file' };
      throw new PlanError([problem]);
    }
    for (const file of files) {
      const path = resolve(root, file);
      candidates.push({ file: path, prefix: '', raw: await loadFile(path) });
    }
  }
  return candidates;
}

/** The candidates that the command line names; a name with a file extension is a file of its own. */
async function select(candidates: readonly Candidate[], { names, cwd }: PlanRequest): Promise<Candidate[]> {
  if (names.length === 0) return [...candidates];
  const known = candidates.map(({ raw }) => String((raw as { name?: unknown } | null)?.name));
  const selected: Candidate[] = [];
  for (const name of names) {
    const byName = candidates[known.indexOf(name)];
    if (byName !== undefined) selected.push(byName);
    else if (/\.(?:[mc]?[tj]s|json|ya?ml)$/.test(name)) {
      const file = resolve(cwd, name);
      selected.push({ file, prefix: '', raw: await loadFile(file) });
    } else throw new UsageError(`no experiment "${name}"`, { hint: suggest(name, known) });
  }
  return selected;
}

function withDefaults(raw: unknown, { defaults }: Config, configFile: string): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw;
  const experiment = raw as { load?: unknown };
  // A load that is no object is left for validation to name.
  if (experiment.load !== undefined && (typeof experiment.load !== 'object' || experiment.load === null)) return raw;
  const { scenario, maxVUs } = defaults.load ?? {};
  const load = {
    ...(scenario === undefined ? {} : { scenario: anchor(scenario, dirname(configFile)) }),
    ...(maxVUs === undefined ? {} : { maxVUs }),
    ...experiment.load,
  };
  return { ...(defaults.seed === undefined ? {} : { seed: defaults.seed }), ...experiment, load };
}

/** The default scenario's path starts at the config file's folder, not at the experiment's. */
function anchor(scenario: string, folder: string): string {
  return scenario.startsWith('builtin:') || isAbsolute(scenario) ? scenario : resolve(folder, scenario);
}

function checkOverrideRoots(overrides: readonly Override[], configKeys: readonly string[]): void {
  const known = [...Object.keys(experimentSchema.shape), ...configKeys];
  for (const { text, path } of overrides) {
    const root = path[0] ?? '';
    if (!known.includes(root))
      throw new UsageError(`--set ${text}: unknown field "${root}"`, { hint: suggest(root, known) });
  }
}

function duplicateNames(plans: readonly Plan[], file: string): Problem[] {
  const names = plans.map((plan) => plan.experiment);
  return names
    .filter((name, index) => names.indexOf(name) < index)
    .map((name) => ({ file, path: 'experiments', value: name, message: 'two experiments have this name' }));
}

function displayPath(cwd: string, file: string): string {
  const path = relative(cwd, file);
  return path === '' || path.startsWith('..') ? file : path;
}

function join(prefix: string, path: string): string {
  return prefix === '' ? path : `${prefix}${path === '' ? '' : `.${path}`}`;
}
