import type { Json } from '../../lib/plan/schema/requests.ts';
import type { OpenapiDocument, Schema } from './openapi-document.ts';
import { partsOf, propertiesOf, requiredOf, valuesOf } from './schema-parts.ts';

/** How much of an object: what is required, or all that is documented. */
export type Extent = 'required' | 'all';

const MOST_DEPTH = 20;

/**
 * A value that the schema allows: the documented example where there is one, else the smallest that follows from its type and
 * limits. Throws where none follows (a text with a pattern): a value must be given then.
 */
export function exampleOf(document: OpenapiDocument, schema: Schema, extent: Extent, depth = 0): Json {
  if (depth > MOST_DEPTH) throw new Error('the schema holds itself');
  const parts = partsOf(document, schema);
  const documented = documentedOf(parts);
  // An example of an object shows what it may hold, not what it has to.
  if (documented !== undefined && (extent === 'all' || typeof documented !== 'object')) return documented;
  const among = (parts['oneOf'] ?? parts['anyOf']) as readonly Schema[] | undefined;
  if (among?.[0] !== undefined) return exampleOf(document, among[0], extent, depth + 1);
  const [type] = [parts['type'] ?? (parts['properties'] === undefined ? 'any' : 'object')].flat();
  switch (type as string) {
    case 'object':
      return Object.fromEntries(
        Object.entries(propertiesOf(parts))
          .filter(([name]) => extent === 'all' || requiredOf(parts).includes(name))
          .map(([name, property]) => [name, exampleOf(document, property, extent, depth + 1)]),
      );
    case 'array': {
      const item = exampleOf(document, (parts['items'] ?? true) as Schema, extent, depth + 1);
      return Array.from({ length: Math.max(1, Number(parts['minItems'] ?? 1)) }, () => item);
    }
    case 'integer':
    case 'number':
      return numberOf(parts);
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'string':
      if (parts['pattern'] !== undefined || parts['format'] === 'date-time' || parts['format'] === 'uuid') {
        throw new Error('a text with a pattern or a format');
      }
      return 'a'.repeat(Math.max(1, Number(parts['minLength'] ?? 1)));
    default:
      return 'a';
  }
}

/** What the document itself gives as a value. */
export function documentedOf(parts: Readonly<Record<string, unknown>>): Json | undefined {
  const examples = parts['examples'];
  const [first] = Array.isArray(examples) ? (examples as readonly unknown[]) : [];
  return (parts['example'] ?? first ?? valuesOf(parts)?.find((value) => value !== '') ?? parts['default']) as
    | Json
    | undefined;
}

function numberOf(parts: Readonly<Record<string, unknown>>): number {
  const { minimum, exclusiveMinimum, maximum, multipleOf = 1 } = parts as Readonly<Record<string, number | undefined>>;
  const least = minimum ?? (typeof exclusiveMinimum === 'number' ? exclusiveMinimum + multipleOf : undefined);
  const value = least ?? Math.min(multipleOf, maximum ?? multipleOf);
  // Minimal, but not none at all where that is not asked for.
  return value === 0 && (maximum ?? 1) >= multipleOf ? multipleOf : value;
}
