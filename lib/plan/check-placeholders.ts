import { findPlaceholders } from '../provision/placeholders.ts';
import { suggest } from './nearest.ts';
import { type Problem, formatPath } from './problem.ts';

/** Adds a problem for each placeholder in a text of the value that stands for nothing. */
export function checkPlaceholders(
  file: string,
  path: readonly PropertyKey[],
  value: unknown,
  known: readonly string[],
  problems: Problem[],
): void {
  if (typeof value === 'string') {
    for (const name of findPlaceholders(value)) {
      if (known.includes(name)) continue;
      problems.push({
        file,
        path: formatPath(path),
        value,
        message: `unknown placeholder {{${name}}}`,
        hint: suggest(name, known),
      });
    }
  } else if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) checkPlaceholders(file, [...path, index], element, known, problems);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, element] of Object.entries(value))
      checkPlaceholders(file, [...path, key], element, known, problems);
  }
}
