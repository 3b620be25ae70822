import { CutoverError, EXIT } from '../errors.ts';

/** One thing wrong with an input file: where, what stands there, what is wrong, what to do. */
export interface Problem {
  readonly file: string;
  /** Path in the file, "load.phases[2].rate"; empty for the file as a whole. */
  readonly path: string;
  /** The offending value; undefined when there is none (a missing field). */
  readonly value?: unknown;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Every problem that was found, reported at once: exit 2, before anything starts. */
export class PlanError extends CutoverError {
  readonly code = 'invalid-input';
  readonly exitCode = EXIT.usage;
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}

/** "file: path: message (is value)\n  hint". */
export function formatProblem({ file, path, value, message, hint }: Problem): string {
  const where = path === '' ? file : `${file}: ${path}`;
  const found = value === undefined ? '' : ` (is ${preview(value)})`;
  return `${where}: ${message}${found}${hint === undefined ? '' : `\n  hint: ${hint}`}`;
}

/** `['load', 'phases', 2, 'rate']` → "load.phases[2].rate". */
export function formatPath(segments: readonly PropertyKey[]): string {
  let path = '';
  for (const segment of segments) {
    if (typeof segment === 'number') path += `[${segment}]`;
    else path += path === '' ? String(segment) : `.${String(segment)}`;
  }
  return path;
}

function preview(value: unknown): string {
  const text = typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
