import { existsSync } from 'node:fs';
import { dirname, isAbsolute, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { layOut, peakPerSecond } from './phases.ts';
import type { Fault, Plan } from './plan.ts';
import type { Problem } from './problem.ts';
import { resolveAlerts } from './resolve-alerts.ts';
import { checkTraces } from './check-traces.ts';
import { resolveBudgets } from './resolve-budgets.ts';
import { type Report, checkEnv, checkTraffic } from './check-names.ts';
import { resolveDrills } from './resolve-drills.ts';
import { checkHistoryPlan } from './resolve-history.ts';
import { checkConflicts, checkSteadyPhase, resolveFaults } from './resolve-faults.ts';
import type { Compared, Comparison } from './schema/comparison.ts';
import type { Config } from './schema/config.ts';
import type { Experiment } from './schema/experiment.ts';
import type { System } from './schema/system.ts';
import { splitBlocks } from './split-blocks.ts';
import { knownPlaceholders } from '../provision/placeholders.ts';
import { suggest } from './nearest.ts';

const BUILTIN = 'builtin:';
const SCENARIOS = fileURLToPath(new URL('../../scenarios/', import.meta.url));
export const BUILTIN_SCENARIOS = [
  'http',
  'peak-load',
  'spike',
  'soak',
  'latency',
  'data-skew',
  'breakpoint',
  'overload',
  'noisy-tenant',
  'mixed-clients',
];

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
  const whole = layOut(load.phases, source.file, report);
  reportDuplicates(
    whole.map(({ name }) => name),
    'load.phases',
    report,
  );
  const { comparison, capacity } = experiment;
  const phases = comparison === undefined ? whole : splitBlocks(whole, comparison, report);
  if (peakPerSecond(phases) === 0)
    report('load.phases', undefined, 'no phase has any arrivals', 'give one a rate above 0/s');
  const scenario = resolveScenario(load.scenario, dirname(source.file), report);
  const env = { ...config.defaults.load?.env, ...load.env };
  const known = knownPlaceholders(config.system);
  checkEnv('load.env', env, known, report);
  for (const [index, phase] of load.phases.entries()) {
    checkEnv(`load.phases[${index}].env`, phase.env, known, report);
    checkTraffic(config, `load.phases[${index}].traffic`, phase.traffic, report);
  }
  checkTraffic(config, 'traffic', experiment.traffic, report);
  for (const variant of ['baseline', 'candidate'] as const) {
    checkEnv(`comparison.${variant}.env`, comparison?.[variant].env ?? {}, known, report);
    checkTraffic(config, `comparison.${variant}.traffic`, comparison?.[variant].traffic ?? {}, report);
  }
  checkBothMove(comparison, report);
  checkCompared(comparison?.metrics ?? [], Object.keys(config.system.services), report);
  const system = withServiceEnv(config, experiment, report);
  const phaseNames = load.phases.map(({ name }) => name);
  checkTraces(experiment, system, phaseNames, report);
  const ownFaults = resolveFaults(experiment, phases, config.system, report);
  const drilled = resolveDrills(experiment, phases, config, report, dirname(source.configFile));
  const allPhases = [...phases, ...drilled.phases];
  const faults = [...ownFaults, ...drilled.faults];
  checkFaultNames(ownFaults, drilled.faults, report);
  checkConflicts(faults, report);
  checkSteadyPhase(experiment, phases, faults, report);
  const budgets = resolveBudgets(experiment.budgets, {
    phases: allPhases,
    split: comparison?.phase,
    faults,
    services: Object.keys(config.system.services),
    report,
  });
  const alerts =
    experiment.alerts === undefined
      ? undefined
      : resolveAlerts(experiment.alerts, {
          experiment,
          file: source.file,
          system: config.system,
          phases: allPhases,
          faults,
          report,
        });
  checkHistoryPlan(experiment.history, config.system, report);
  if (problems.length > 0) return problems;
  return {
    version: 1,
    experiment: experiment.name,
    description: experiment.description,
    seed: experiment.seed,
    root: dirname(source.configFile),
    system,
    traffic: experiment.traffic,
    load: {
      scenario,
      env,
      phases: allPhases,
      steady: load.steady,
      maxVUs: load.maxVUs ?? Math.max(20, Math.ceil(peakPerSecond(allPhases) * 2)),
      recordWrites: load.recordWrites || experiment.history !== undefined,
    },
    faults,
    drills: drilled.drills,
    budgets,
    ...(comparison === undefined ? {} : { comparison }),
    ...(capacity === undefined ? {} : { capacity }),
    ...resolveWholeRun(experiment),
    ...(alerts === undefined ? {} : { alerts }),
  };
}

/** What is checked over the whole run, where it is asked for. */
function resolveWholeRun({ history, traces }: Experiment): Pick<Plan, 'history' | 'traces'> {
  return {
    ...(history === undefined ? {} : { history }),
    ...(traces === undefined ? {} : { traces }),
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

/** Nothing would move a capability's traffic back that only one of the two sides sets. */
function checkBothMove(comparison: Comparison | undefined, report: Report): void {
  for (const [variant, other] of [
    ['baseline', 'candidate'],
    ['candidate', 'baseline'],
  ] as const) {
    for (const [capability, value] of Object.entries(comparison?.[variant].traffic ?? {})) {
      if (comparison?.[other].traffic[capability] !== undefined) continue;
      const hint = 'set it on both sides: nothing would move it back';
      report(`comparison.${variant}.traffic.${capability}`, value, `is not set by the ${other}`, hint);
    }
  }
}

function checkCompared(metrics: readonly Compared[], known: readonly string[], report: Report): void {
  for (const [index, metric] of metrics.entries()) {
    const services = 'services' in metric ? (metric.services ?? []) : [];
    for (const [at, service] of services.entries()) {
      if (known.includes(service)) continue;
      report(`comparison.metrics[${index}].services[${at}]`, service, 'unknown service', suggest(service, known));
    }
  }
}

/** A fault is found by its name, whoever asks for it: those that drills bring along have names of the same kind. */
function checkFaultNames(own: readonly Fault[], drilled: readonly Fault[], report: Report): void {
  for (const [index, { name, drill }] of drilled.entries()) {
    const others = [...own, ...drilled.slice(0, index).filter((other) => other.drill !== drill)];
    if (!others.some((other) => other.name === name)) continue;
    report(
      'drills',
      name,
      'has a step whose fault is named like another one',
      'give the drill or the fault its own `name`',
    );
  }
}

/** The system with the experiment's own settings of services in it. */
function withServiceEnv(config: Config, experiment: Experiment, report: Report): System {
  const services = { ...config.system.services };
  for (const [name, { env }] of Object.entries(experiment.services)) {
    const service = services[name];
    if (service === undefined) {
      report(`services.${name}`, undefined, 'unknown service', suggest(name, Object.keys(services)));
    } else if ('url' in service) {
      report(
        `services.${name}`,
        undefined,
        'runs already: its settings are out of reach',
        'set them where it is started',
      );
    } else {
      checkEnv(`services.${name}.env`, env, [...knownPlaceholders(config.system), 'artifact', 'data'], report);
      services[name] = { ...service, process: { ...service.process, env: { ...service.process.env, ...env } } };
    }
  }
  return { ...config.system, services };
}

function reportDuplicates(names: readonly string[], path: string, report: Report): void {
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) report(`${path}[${index}].name`, name, 'is used twice', 'give each its own name');
  }
}
