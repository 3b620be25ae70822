import type { z } from 'zod';
import { type JsonSchema, knownKeys, toJsonSchema } from './json-schema.ts';
import { suggest } from './nearest.ts';
import { type Problem, formatPath } from './problem.ts';

export type Validated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks a raw value against a schema; every problem is reported with its path, the value and a hint. */
export function validate<S extends z.ZodType>(file: string, schema: S, raw: unknown): Validated<z.output<S>> {
  const result = schema.safeParse(raw);
  if (result.success) return { ok: true, value: result.data };
  const jsonSchema = toJsonSchema(schema);
  return { ok: false, problems: result.error.issues.flatMap((issue) => toProblems(file, jsonSchema, raw, issue, [])) };
}

function toProblems(
  file: string,
  schema: JsonSchema,
  raw: unknown,
  issue: z.core.$ZodIssue,
  parent: readonly PropertyKey[],
): Problem[] {
  const segments = [...parent, ...issue.path];
  const path = formatPath(segments);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, segments);
    return issue.keys.map((key) => ({
      file,
      path: formatPath([...segments, key]),
      value: valueAt(raw, [...segments, key]),
      message: 'unknown key',
      hint: suggest(key, known),
    }));
  }
  if (issue.code === 'invalid_union') {
    const branch = likeliestBranch(issue.errors, valueAt(raw, segments));
    if (branch !== undefined) return branch.flatMap((inner) => toProblems(file, schema, raw, inner, segments));
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map((inner) => ({ file, path, message: `bad name: ${inner.message}` }));
  }
  const value = valueAt(raw, segments);
  const missing = value === undefined;
  return [
    { file, path, value, message: missing ? 'is missing' : messageOf(issue), hint: hintOf(issue, value, missing) },
  ];
}

/**
 * Which alternative of a union the author meant: the one that knows all the keys that are written there. None if that
 * doesn't single one out; then the union's own message says more.
 */
function likeliestBranch(branches: readonly z.core.$ZodIssue[][], value: unknown): z.core.$ZodIssue[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const plausible = branches.filter(
    (issues) => !issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type'),
  );
  const foreignKeys = (issues: readonly z.core.$ZodIssue[]) =>
    issues.reduce(
      (sum, issue) => sum + (issue.path.length === 0 && issue.code === 'unrecognized_keys' ? issue.keys.length : 0),
      0,
    );
  const ranked = plausible.toSorted((a, b) => foreignKeys(a) - foreignKeys(b));
  const [first, second] = ranked;
  if (first === undefined) return undefined;
  return second === undefined || foreignKeys(first) < foreignKeys(second) ? first : undefined;
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value')
    return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
  if (issue.code === 'invalid_union' && 'note' in issue) return 'unknown kind';
  if (issue.code === 'invalid_type') return `must be ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
  return issue.message.replace(/^Invalid input: /, '');
}

function hintOf(issue: z.core.$ZodIssue, value: unknown, missing: boolean): string | undefined {
  if (missing) return messageOf(issue);
  if (issue.code === 'invalid_value' && typeof value === 'string') return suggest(value, issue.values.map(String));
  if (
    issue.code === 'invalid_union' &&
    'options' in issue &&
    Array.isArray(issue.options) &&
    typeof value === 'string'
  ) {
    return suggest(value, issue.options.map(String));
  }
  return undefined;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let here = raw;
  for (const segment of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<PropertyKey, unknown>)[segment];
  }
  return here;
}
