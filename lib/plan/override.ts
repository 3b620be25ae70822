import { parse as parseYaml } from 'yaml';
import { UsageError } from '../errors.ts';
import { suggest } from './nearest.ts';

/** One `--set path=value` of the command line. */
export interface Override {
  readonly text: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

/** "load.phases.steady.rate=300/s" → its path and value. The value is a YAML scalar or flow collection. */
export function parseOverride(text: string): Override {
  const equals = text.indexOf('=');
  const path = text.slice(0, equals).split('.');
  if (equals < 1 || path.includes('')) {
    throw new UsageError(`--set ${text}: must be path=value`, {
      hint: 'for example --set load.phases.steady.rate=300/s',
    });
  }
  const raw = text.slice(equals + 1);
  try {
    return { text, path, value: parseYaml(raw) as unknown };
  } catch (error) {
    throw new UsageError(`--set ${text}: the value is not readable: ${(error as Error).message}`);
  }
}

/**
 * A copy of the raw value with the override in place. A list's element is named by its index or by its `name`. Missing
 * objects on the way are made, so that an override can add what the file leaves out; validation then judges it.
 */
export function applyOverride(raw: unknown, override: Override): unknown {
  return setAt(raw, override.path, override);
}

function setAt(here: unknown, path: readonly string[], override: Override): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined) return override.value;
  if (Array.isArray(here)) {
    const index = indexIn(here, segment, override);
    return here.with(index, setAt(here[index], rest, override));
  }
  if (here !== undefined && (typeof here !== 'object' || here === null)) {
    throw new UsageError(`--set ${override.text}: "${segment}" is below a plain value`);
  }
  const object = { ...here } as Record<string, unknown>;
  return { ...object, [segment]: setAt(object[segment], rest, override) };
}

function indexIn(list: readonly unknown[], segment: string, override: Override): number {
  const names = list.map((element) => (element as { name?: unknown } | null)?.name);
  const index = /^\d+$/.test(segment) ? Number(segment) : names.indexOf(segment);
  if (index >= 0 && index < list.length) return index;
  const known = names.filter((name) => typeof name === 'string');
  throw new UsageError(`--set ${override.text}: no element "${segment}" in a list of ${list.length}`, {
    hint: suggest(segment, known),
  });
}
