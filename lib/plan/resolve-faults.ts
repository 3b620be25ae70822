import { findConflicts } from '../../chaos/conflicts.ts';
import { type Fault, isServiceFault } from '../../chaos/faults/fault.ts';
import { derivedSeed, seededFraction } from '../../chaos/seeded.ts';
import { formatDuration } from '../units.ts';
import { attributesOf } from './fault-attributes.ts';
import { suggest } from './nearest.ts';
import type { Phase } from './plan.ts';
import type { Report } from './check-names.ts';
import type { Experiment } from './schema/experiment.ts';
import type { FaultInput } from './schema/faults.ts';
import type { System } from './schema/system.ts';

interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** Faults with their names and times worked out, checked against edges, services and phases. */
export function resolveFaults(
  experiment: Experiment,
  phases: readonly Phase[],
  system: System,
  report: Report,
): readonly Fault[] {
  const faults: Fault[] = [];
  const loadEndMs = phases.at(-1)?.endMs ?? 0;
  for (const [index, input] of experiment.faults.entries()) {
    const path = `faults[${index}]`;
    checkTarget(input, path, system, report);
    const window = windowOf(input, path, phases, experiment.comparison?.phase, report);
    if (window === undefined) continue;
    const target = 'service' in input ? input.service : input.edge;
    const name = input.name ?? `${input.kind}-${target}`;
    const edge = 'edge' in input ? system.edges[input.edge] : undefined;
    const seed = derivedSeed(experiment.seed, `fault ${name}`);
    const attributes = attributesOf(input, seed, edge, (attribute, value, message, hint) =>
      report(`${path}.${attribute}`, value, message, hint),
    );
    const windows = repeated(input, window, name, path, experiment.seed, report);
    if (windows.some(({ endMs }) => endMs > loadEndMs)) {
      const hint = 'add a recovery phase';
      report(`${path}.for`, input.for, `ends after the load does (${formatDuration(loadEndMs)})`, hint);
    }
    for (const [number, { name: own, ...times }] of windows.entries()) {
      if (faults.some((fault) => fault.name === own)) {
        report(`${path}.name`, own, 'is used twice', 'give each fault its own `name`');
      }
      const on = 'service' in input ? { service: input.service } : { edge: input.edge };
      // The kinds differ in their attributes only, which were made for the input's kind.
      const fault = { name: own, ...on, ...times, ...attributes } as Fault;
      faults.push('seed' in fault && number > 0 ? { ...fault, seed: derivedSeed(fault.seed, own) } : fault);
    }
  }
  return faults;
}

/** Reports faults, those of drills too, that cannot be in force together. */
export function checkConflicts(faults: readonly Fault[], report: Report): void {
  for (const { a, b, why } of findConflicts(faults)) {
    report('faults', undefined, `"${a.name}" and "${b.name}" ${why}`, 'move one of them');
  }
  for (const fault of faults.filter(({ kind }) => kind === 'disk-full').filter(isServiceFault)) {
    const { service } = fault;
    const ended = faults.find((other) => isServiceFault(other) && other.service === service && endsIt(other));
    if (ended === undefined) continue;
    const hint = 'its data are in a file system of their own, which is lost with its processes';
    report('faults', undefined, `"${fault.name}" and "${ended.name}" cannot be in one experiment`, hint);
  }
}

function endsIt({ kind }: Fault): boolean {
  return kind === 'kill' || kind === 'terminate' || kind === 'restart';
}

/** Whether what a fault is on is there, and within reach. */
export function checkTarget(input: FaultInput, path: string, { edges, services }: System, report: Report): void {
  if ('edge' in input) {
    const known = Object.keys(edges);
    if (known.includes(input.edge)) return;
    const hint = known.length === 0 ? 'the system has no edges' : suggest(input.edge, known);
    report(`${path}.edge`, input.edge, 'unknown edge', hint);
    return;
  }
  const service = services[input.service];
  if (service === undefined) {
    report(`${path}.service`, input.service, 'unknown service', suggest(input.service, Object.keys(services)));
  } else if ('url' in service) {
    const hint = 'give the service a `process`, or use a fault on an edge to it';
    report(`${path}.service`, input.service, 'runs already: its processes are out of reach', hint);
  } else if (input.kind === 'disk-full' && !JSON.stringify(service.process).includes('{{data}}')) {
    const hint = 'use {{data}} in its command or its environment for where it stores things';
    report(`${path}.service`, input.service, 'has no data folder that could be filled', hint);
  }
}

/** The windows of a fault that comes back: each later one starts up to `spread` late, by the seed and its number alone. */
function repeated(
  { repeat, during }: FaultInput,
  window: Window,
  name: string,
  path: string,
  seed: number,
  report: Report,
): readonly (Window & { readonly name: string })[] {
  if (repeat === undefined || during !== undefined) return [{ name, ...window }];
  const { times, every, spread } = repeat;
  const lengthMs = window.endMs - window.startMs;
  if (lengthMs + spread > every) {
    const hint = `\`every\` must be at least ${formatDuration(lengthMs + spread)}`;
    report(`${path}.repeat`, repeat, 'one would begin before the one before it has ended', hint);
  }
  return Array.from({ length: times }, (_, index) => {
    const lateMs = index === 0 ? 0 : Math.floor(spread * seededFraction(seed, `${name} ${index}`));
    const startMs = window.startMs + index * every + lateMs;
    return { name: `${name}-${index + 1}`, startMs, endMs: startMs + lengthMs };
  });
}

function windowOf(
  fault: FaultInput,
  path: string,
  phases: readonly Phase[],
  split: string | undefined,
  report: Report,
): Window | undefined {
  const { during, at, for: duration } = fault;
  if (during !== undefined) {
    if (at !== undefined || duration !== undefined) {
      report(`${path}.during`, during, 'cannot be together with `at` and `for`', 'use one of the two');
    }
    if (fault.repeat !== undefined) {
      report(`${path}.repeat`, fault.repeat, 'cannot be together with `during`', 'use `at` and `for`');
    }
    const phase = phases.find(({ name }) => name === during);
    if (phase === undefined && during === split) {
      const hint = 'a fault needs a phase of its own, or `at` and `for`';
      report(`${path}.during`, during, 'is split into blocks by the comparison', hint);
      return undefined;
    }
    if (phase === undefined) {
      const names = phases.filter(({ block }) => block === undefined).map(({ name }) => name);
      report(`${path}.during`, during, 'unknown phase', suggest(during, names));
      return undefined;
    }
    return { startMs: phase.startMs, endMs: phase.endMs };
  }
  if (at === undefined || duration === undefined) {
    report(path, undefined, 'must say when', 'either `during: "<phase>"`, or `at` and `for`');
    return undefined;
  }
  return { startMs: at, endMs: at + duration };
}

/** Faults and drills need a phase before them in which the budgets hold: without it nothing is learnt from what follows. */
export function checkSteadyPhase(
  experiment: Experiment,
  phases: readonly Phase[],
  faults: readonly Fault[],
  report: Report,
): void {
  if (faults.length + experiment.drills.length === 0) return;
  const { steady } = experiment.load;
  const phase = phases.find(({ name }) => name === steady);
  const firstMs = Math.min(...faults.map((fault) => fault.startMs));
  if (phase === undefined) {
    const hint = suggest(
      steady,
      phases.map(({ name }) => name),
    );
    report('load.steady', steady, 'no such phase: faults need a steady phase before them', hint);
  } else if (phase.endMs > firstMs) {
    report('load.steady', steady, 'the steady phase must end before the first fault starts');
  } else if (!experiment.budgets.some((budget) => 'phase' in budget && budget.phase === steady)) {
    report(
      'budgets',
      undefined,
      `none is judged in the steady phase "${steady}"`,
      'add one: a fault says nothing about a system that was already broken',
    );
  }
}
