import { type Problem, PlanError } from '../plan/problem.ts';
import { type FaultInput, faultSchema } from '../plan/schema/faults.ts';
import { validate } from '../plan/validate.ts';

/** What was typed: an attribute's value by its name in the schema, and the flag that it came from. */
type Given = readonly (readonly [attribute: string, value: unknown, flag: string])[];

const COMMAND = 'cutover fault';
const MAX_MS = 3_600_000;
const SERVICE_KINDS = ['kill', 'terminate', 'restart', 'pause', 'cpu-pressure', 'memory-pressure', 'disk-full'];
const NUMBER = /^\d+(?:\.\d+)?$/;

export function isServiceKind(kind: string): boolean {
  return SERVICE_KINDS.includes(kind);
}

/**
 * A fault of the command line as one of an experiment, checked by the same schema: `on` is the edge or the service, `flags`
 * are what commander made of the options. Throws a `PlanError` with all problems, each at the flag that it is about.
 */
export function faultInput(kind: string, on: string | undefined, flags: Readonly<Record<string, unknown>>): FaultInput {
  const given: Given = [
    [isServiceKind(kind) ? 'service' : 'edge', on, '--on'],
    ['for', flags['for'], '--for'],
    ...attributesGiven(kind, flags),
  ];
  const raw = { kind, ...Object.fromEntries(given.map(([attribute, value]) => [attribute, value])) };
  const checked = validate(COMMAND, faultSchema, raw);
  const problems = [...twice(given), ...(checked.ok ? [] : checked.problems.map(asWritten))];
  if (checked.ok) problems.push(...lengthProblems(checked.value, flags['for']));
  else if (flags['for'] === undefined) problems.push(...lengthProblems(undefined, undefined));
  if (problems.length > 0 || !checked.ok) throw new PlanError(problems.map((problem) => atFlag(problem, kind, given)));
  return checked.value;
}

/** Problems that are found later than by the schema, at the flag that they are about. */
export function attributeProblem(kind: string, flags: Readonly<Record<string, unknown>>) {
  return (attribute: string, value: unknown, message: string, hint?: string): Problem =>
    atFlag({ file: COMMAND, path: attribute, value, message, hint }, kind, attributesGiven(kind, flags));
}

/** How attributes are written here that the schema knows as something else than text. */
const WRITTEN: Readonly<Record<string, string>> = {
  latency: '"300ms", or "100ms..1s" for one that moves',
  rate: '"100kB", or "1MB..10kB" for one that moves',
  cores: '"0.5", or "1..0.2" for one that moves',
  pattern: '"4/20"',
};
const MOVING = ['latency', 'rate', 'cores'];

/** The schema's problem as one of the command line. */
function asWritten(problem: Problem): Problem {
  const written = WRITTEN[problem.path];
  if (written === undefined || problem.message === 'unknown key') return problem;
  const wanted = `must be such as ${written}`;
  return problem.value === undefined ? { ...problem, hint: wanted } : { ...problem, message: wanted };
}

function attributesGiven(kind: string, flags: Readonly<Record<string, unknown>>): Given {
  return Object.entries(flags).flatMap(([name, value]): Given => {
    if (value === undefined || typeof value !== 'string' || NOT_ATTRIBUTES.has(name)) return [];
    const flag = toFlag(name);
    if (MOVING.includes(name)) return [[name, moving(value, name === 'cores' ? cores : (text) => text), flag]];
    switch (name) {
      case 'ms':
        return [[kind === 'latency' ? 'latency' : 'delay', milliseconds(value), flag]];
      case 'jitter':
        return [[name, milliseconds(value), flag]];
      case 'with':
      case 'first':
        return [[name, NUMBER.test(value) ? Number(value) : value, flag]];
      case 'operations':
        return [[name, value.split(',').map((operation) => operation.trim()), flag]];
      case 'pattern': {
        const [, count, of] = /^(\d+)\/(\d+)$/.exec(value) ?? [];
        return [[name, count === undefined ? value : { count: Number(count), of: Number(of) }, flag]];
      }
      default:
        return [[name, value, flag]];
    }
  });
}

/** Options that say something else than what the fault is like. */
const NOT_ATTRIBUTES: ReadonlySet<string> = new Set([
  'on',
  'for',
  'toxiproxy',
  'proxy',
  'protocol',
  'allowHost',
  'run',
  'config',
]);

/** "100ms..1s" → from 100ms to 1s. */
function moving(text: string, parse: (end: string) => string): unknown {
  const [from = '', to, ...more] = text.split('..');
  return to === undefined || more.length > 0 ? parse(text) : { from: parse(from), to: parse(to) };
}

function cores(text: string): string {
  return NUMBER.test(text) ? `${text} cores` : text;
}

/** "300" is "300ms" where the flag says so. */
function milliseconds(value: string): string {
  return NUMBER.test(value) ? `${value}ms` : value;
}

/** Two flags for one attribute: which was meant? */
function twice(given: Given): Problem[] {
  return given.flatMap(([attribute, value, flag], index) => {
    const before = given.slice(0, index).find(([other]) => other === attribute);
    if (before === undefined) return [];
    const message = `says the same as ${before[2]}`;
    return [{ file: COMMAND, path: flag, value, message, hint: 'give one of them' }];
  });
}

function lengthProblems(input: FaultInput | undefined, value: unknown): Problem[] {
  const path = 'for';
  if (input?.for === undefined) {
    const hint = 'nothing is broken for ever: say how long, for example --for 30s';
    return [{ file: COMMAND, path, message: 'is missing', hint }];
  }
  if (input.for <= MAX_MS) return [];
  const hint = 'a fault that lasts longer belongs into an experiment';
  return [{ file: COMMAND, path, value, message: 'must be at most 1h', hint }];
}

function atFlag(problem: Problem, kind: string, given: Given): Problem {
  const [attribute = '', ...rest] = problem.path.split(/(?=[.[])/);
  if (attribute.startsWith('--')) return problem;
  if (attribute === 'kind') return { ...problem, path: '<kind>' };
  const typed = given.find(([name]) => name === attribute)?.[2] ?? toFlag(attribute);
  const path = `${typed}${rest.join('')}`;
  if (problem.message === 'unknown key') {
    const flags = attributesOfKind(kind).map(toFlag).join(', ');
    const hint = flags === '' ? 'it has no attributes' : `it has ${flags}`;
    return { ...problem, path, message: `says nothing of ${kind}`, hint };
  }
  return { ...problem, path };
}

function attributesOfKind(kind: string): readonly string[] {
  const shape = faultSchema.options.find(({ shape: { kind: literal } }) => literal.value === kind)?.shape ?? {};
  const everywhere = ['kind', 'name', 'edge', 'service', 'during', 'at', 'for', 'repeat'];
  return Object.keys(shape).filter((name) => !everywhere.includes(name));
}

/** "closeAfter" → "--close-after". */
function toFlag(attribute: string): string {
  return `--${attribute.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
