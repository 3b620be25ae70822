import type { Plan } from '../plan/plan.ts';
import { suggest } from '../plan/nearest.ts';
import { PlanError, type Problem } from '../plan/problem.ts';
import { steadyPhaseOf } from '../search/steady-phase.ts';
import { formatDuration, parseDurationMs } from '../units.ts';
import { cellPlan, loadMsOf } from './cell-plan.ts';
import { estimateMs } from './estimate.ts';
import { KIND_NAMES, type SweptKindName, kindOf } from './kinds.ts';
import { type Intensity, intensityOf, ladderOf, sorted } from './ladder.ts';
import type { SweepPlan } from './sweep-plan.ts';
import { tracksOf } from './tracks.ts';

/** What the command line asks for, as it is written there. */
export interface SweepOptions {
  /** Names, with commas between them; default: all edges of the system. */
  readonly edges?: string | undefined;
  /** Kinds, with commas between them; default: all. */
  readonly faults?: string | undefined;
  /** "latency=10ms,200ms": in place of the kind's own ladder. */
  readonly intensities?: readonly string[];
  readonly timeLimit?: string | undefined;
  readonly for?: string | undefined;
}

export const DEFAULT_TIME_LIMIT = '10m';
export const DEFAULT_FOR = '5s';
/** A fault that is shorter shows nothing: round trips and metrics are looked at once a second or so. */
const LEAST_FOR_MS = 2_000;
const MOST_FOR_MS = 300_000;
const MOST_RUNGS = 30;

type Report = (option: string, value: unknown, message: string, hint?: string) => void;

/**
 * What `cutover chaos sweep` does with an experiment. UsageError: the experiment has no steady phase that could be broken.
 * PlanError: with everything that is wrong with the options.
 */
export function planSweep(plan: Plan, options: SweepOptions): SweepPlan {
  const steady = steadyPhaseOf(plan, 'a fault breaks');
  const problems: Problem[] = [];
  const report: Report = (path, value, message, hint) =>
    problems.push({ file: 'command line', path, value, message, hint });
  const edges = edgesOf(plan, options.edges, report);
  const kinds = kindsOf(options.faults, report);
  const ladders = laddersOf(kinds, options.intensities ?? [], report);
  const forMs = durationOf('--for', options.for ?? DEFAULT_FOR, report);
  if (forMs < LEAST_FOR_MS || forMs > MOST_FOR_MS) {
    const range = `${formatDuration(LEAST_FOR_MS)} to ${formatDuration(MOST_FOR_MS)}`;
    report('--for', options.for, `must be ${range}`, 'what a fault does is seen from second to second');
  }
  const timeLimitMs = durationOf('--time-limit', options.timeLimit ?? DEFAULT_TIME_LIMIT, report);
  if (problems.length > 0) throw new PlanError(problems);

  const { tracks, leftOut } = tracksOf(plan, edges, ladders, forMs);
  for (const kind of options.faults === undefined ? [] : kinds) {
    if (tracks.some((track) => track.kind === kind)) continue;
    const why = leftOut.find((left) => left.kind === kind)?.why;
    report('--faults', kind, 'cannot be tried on any of the edges', why);
  }
  if (tracks.length === 0 && problems.length === 0) {
    report('--faults', options.faults, 'none can be tried on any of the edges', leftOut[0]?.why);
  }
  const sweep = { plan, steady, edges, tracks, leftOut, timeLimitMs, forMs };
  const [first] = tracks;
  const firstMs = first === undefined ? 0 : estimateMs(loadMsOf(cellPlan(sweep, first, 0)), []);
  if (firstMs > timeLimitMs) {
    const hint = `one cell takes ${formatDuration(firstMs)} or so`;
    report('--time-limit', options.timeLimit, 'is too short for a single cell', hint);
  }
  if (problems.length > 0) throw new PlanError(problems);
  return sweep;
}

function edgesOf({ system }: Plan, text: string | undefined, report: Report): readonly string[] {
  const known = Object.keys(system.edges);
  if (known.length === 0) {
    report('--edges', text, 'the system has no edges', 'name the calls between services in `system.edges`');
    return [];
  }
  if (text === undefined) return known;
  const names = listOf('--edges', text, report);
  for (const name of names) {
    if (!known.includes(name)) report('--edges', name, 'unknown edge', suggest(name, known));
  }
  return names;
}

function kindsOf(text: string | undefined, report: Report): readonly SweptKindName[] {
  if (text === undefined) return KIND_NAMES;
  return listOf('--faults', text, report).flatMap((name) => {
    const kind = KIND_NAMES.find((candidate) => candidate === name);
    if (kind === undefined) report('--faults', name, 'unknown kind of fault', suggest(name, KIND_NAMES));
    return kind ?? [];
  });
}

/** The ladder of each kind: its own, or the one of the command line. */
function laddersOf(
  kinds: readonly SweptKindName[],
  given: readonly string[],
  report: Report,
): ReadonlyMap<SweptKindName, readonly Intensity[]> {
  const ladders = new Map(kinds.map((kind) => [kind, ladderOf(kind)]));
  const seen: string[] = [];
  for (const text of given) {
    const equals = text.indexOf('=');
    const name = text.slice(0, Math.max(0, equals)).trim();
    const kind = KIND_NAMES.find((candidate) => candidate === name);
    if (equals < 1) {
      report('--intensities', text, 'must be kind=intensities', 'for example latency=10ms,50ms,200ms');
    } else if (kind === undefined) {
      report('--intensities', name, 'unknown kind of fault', suggest(name, KIND_NAMES));
    } else if (!ladders.has(kind)) {
      report('--intensities', name, 'is not among the faults that are tried', `add it to --faults`);
    } else if (seen.includes(kind)) {
      report('--intensities', name, 'is given twice', 'put all its intensities into one');
    } else {
      ladders.set(kind, rungsOf(kind, text.slice(equals + 1), report));
    }
    seen.push(name);
  }
  return ladders;
}

function rungsOf(kind: SweptKindName, text: string, report: Report): readonly Intensity[] {
  const { quantity, least, most, intensity } = kindOf(kind);
  const option = `--intensities ${kind}`;
  if (quantity === undefined) {
    report(option, text, 'has one intensity only', 'leave it out');
    return ladderOf(kind);
  }
  const texts = listOf(option, text, report);
  if (texts.length > MOST_RUNGS) report(option, texts.length, `at most ${MOST_RUNGS} intensities`);
  const range = [
    ...(least === undefined ? [] : [`, at least ${quantity.format(least)}`]),
    ...(most === undefined ? [] : [`, at most ${quantity.format(most)}`]),
  ].join('');
  const rungs = texts.flatMap((one) => {
    const rung = intensityOf(kind, one);
    if (rung === undefined) report(option, one, `must be ${quantity.example}${range}`, `it is ${intensity}`);
    return rung ?? [];
  });
  const twice = rungs.find(({ value }, index) => rungs.findIndex((other) => other.value === value) < index);
  if (twice !== undefined) report(option, twice.text, 'is given twice');
  return sorted(kind, rungs);
}

function listOf(option: string, text: string, report: Report): readonly string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.includes('')) report(option, text, 'has an empty place', 'write a,b,c');
  const names = parts.filter((part) => part !== '');
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) report(option, twice, 'is given twice');
  return [...new Set(names)];
}

function durationOf(option: string, text: string, report: Report): number {
  const ms = parseDurationMs(text);
  if (ms !== undefined && ms > 0) return ms;
  report(option, text, 'must be a duration above 0', 'for example "30s" or "10m"');
  return LEAST_FOR_MS;
}
