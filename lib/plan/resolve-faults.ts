import { findConflicts } from '../../chaos/schedule.ts';
import { suggest } from './nearest.ts';
import type { Fault, Phase } from './plan.ts';
import type { Report } from './resolve.ts';
import type { Experiment } from './schema/experiment.ts';
import type { FaultInput } from './schema/faults.ts';
import { formatDuration } from '../units.ts';

/** Faults with their names and times worked out, checked against edges, phases and one another. */
export function resolveFaults(
  experiment: Experiment,
  phases: readonly Phase[],
  edges: readonly string[],
  report: Report,
): readonly Fault[] {
  const faults: Fault[] = [];
  const loadEndMs = phases.at(-1)?.endMs ?? 0;
  for (const [index, input] of experiment.faults.entries()) {
    const path = `faults[${index}]`;
    if (!edges.includes(input.edge)) {
      const hint = edges.length === 0 ? 'the system has no edges' : suggest(input.edge, edges);
      report(`${path}.edge`, input.edge, 'unknown edge', hint);
    }
    const window = windowOf(input, path, phases, experiment.comparison?.phase, report);
    if (window === undefined) continue;
    if (window.endMs > loadEndMs) {
      report(
        `${path}.for`,
        input.for,
        `ends after the load does (${formatDuration(loadEndMs)})`,
        'add a recovery phase',
      );
    }
    const name = input.name ?? `${input.kind}-${input.edge}`;
    if (faults.some((fault) => fault.name === name)) {
      report(`${path}.name`, name, 'is used twice', 'give each fault its own `name`');
    }
    faults.push({ name, edge: input.edge, ...window, ...attributesOf(input) });
  }
  for (const { a, b } of findConflicts(faults)) {
    report(
      'faults',
      undefined,
      `"${a.name}" and "${b.name}" are on the same edge at the same time`,
      'move one of them',
    );
  }
  checkSteadyPhase(experiment, phases, faults, report);
  return faults;
}

function windowOf(
  fault: FaultInput,
  path: string,
  phases: readonly Phase[],
  split: string | undefined,
  report: Report,
) {
  const { during, at, for: duration } = fault;
  if (during !== undefined) {
    if (at !== undefined || duration !== undefined) {
      report(`${path}.during`, during, 'cannot be together with `at` and `for`', 'use one of the two');
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

function attributesOf(fault: FaultInput) {
  switch (fault.kind) {
    case 'latency':
      return { kind: fault.kind, latencyMs: fault.latency, jitterMs: fault.jitter };
    case 'down':
      return { kind: fault.kind };
    default:
      return fault satisfies never;
  }
}

/** Faults need a phase before them in which the budgets hold: without it nothing is learnt from what follows. */
function checkSteadyPhase(
  experiment: Experiment,
  phases: readonly Phase[],
  faults: readonly Fault[],
  report: Report,
): void {
  if (faults.length === 0) return;
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
