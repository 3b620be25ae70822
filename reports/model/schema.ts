import { z } from 'zod';
import { type Verdict, verdictSchema } from './verdict.ts';

/** The JSON Schema of verdict.json, for other tools; a test guards the committed copy, `npm run schemas` writes it. */
export function verdictJsonSchema(): Record<string, unknown> {
  const generated = z.toJSONSchema(verdictSchema, { target: 'draft-2020-12' });
  return { title: "A cutover run's verdict (verdict.json)", ...generated };
}

/** A file that is not a verdict this version can read: where, what stands there, what is wrong. Code "invalid-verdict". */
export class InvalidVerdictError extends Error {
  override readonly name = 'InvalidVerdictError';
  readonly code = 'invalid-verdict';
  readonly hint: string;

  constructor(message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.hint = hint;
  }
}

const REWRITE = 'verdict.json is written by a run; `cutover report <run> --judge` makes it anew from its observations';

/**
 * Reads the text of a verdict.json; `path` is for messages only.
 *
 * @throws {InvalidVerdictError} not JSON, another version's format, or a field that is wrong (all are named)
 */
export function parseVerdict(text: string, path: string): Verdict {
  const raw = parseJson(text, path);
  const version = fieldOf(raw, 'version');
  if (version !== undefined && version !== 1) {
    const writer = fieldOf(raw, 'cutover');
    const by = typeof writer === 'string' ? `cutover ${writer}, which wrote it` : 'the cutover that wrote it';
    throw new InvalidVerdictError(
      `${path}: version: this cutover reads version 1 (is ${preview(version)})`,
      `render it with ${by}`,
    );
  }
  const result = verdictSchema.safeParse(raw);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${path}: ${describe(issue, raw)}`);
  throw new InvalidVerdictError(problems.join('\n'), REWRITE, result.error);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new InvalidVerdictError(`${path}: not JSON: ${message}`, REWRITE, error);
  }
}

/** "checks[2].outcome: expected one of … (is "ok")". */
function describe(issue: z.core.$ZodIssue, raw: unknown): string {
  const value = issue.path.reduce<unknown>((here, segment) => fieldOf(here, segment), raw);
  const where = z.core.toDotPath(issue.path);
  const found = value === undefined || issue.code === 'unrecognized_keys' ? '' : ` (is ${preview(value)})`;
  const message = value === undefined ? 'is missing' : issue.message.replace(/^Invalid (?:input|option): /, '');
  return `${where === '' ? '' : `${where}: `}${message}${found}`;
}

function fieldOf(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Record<PropertyKey, unknown>)[key];
}

function preview(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
