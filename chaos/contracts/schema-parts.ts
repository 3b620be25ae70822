import { type OpenapiDocument, type Schema, follow } from './openapi-document.ts';

/** A schema with its references followed and its `allOf` put together; what is true for everything is empty. */
export type Parts = Readonly<Record<string, unknown>>;

export function partsOf(document: OpenapiDocument, schema: Schema): Parts {
  if (typeof schema === 'boolean') return schema ? {} : { not: {} };
  const { allOf, ...own } = follow(document, schema);
  const parts = own['nullable'] === true ? { ...own, type: [own['type'], 'null'].flat() } : own;
  if (!Array.isArray(allOf)) return parts;
  return (allOf as readonly Schema[]).map((one) => partsOf(document, one)).reduce(together, parts);
}

/** All that either asks for. Where both say something else of the same thing, the second does. */
function together(one: Parts, other: Parts): Parts {
  const merged = { ...one, ...other };
  if (one['properties'] !== undefined && other['properties'] !== undefined) {
    merged['properties'] = { ...(one['properties'] as object), ...(other['properties'] as object) };
  }
  const required = [...requiredOf(one), ...requiredOf(other)];
  return required.length === 0 ? merged : { ...merged, required: [...new Set(required)] };
}

export function requiredOf({ required }: Parts): readonly string[] {
  return Array.isArray(required) ? (required as readonly string[]) : [];
}

export function propertiesOf({ properties }: Parts): Readonly<Record<string, Schema>> {
  return (properties ?? {}) as Readonly<Record<string, Schema>>;
}

/** The values that a schema names; undefined: it allows more than single ones. */
export function valuesOf(parts: Parts): readonly unknown[] | undefined {
  if ('const' in parts) return [parts['const']];
  return Array.isArray(parts['enum']) ? (parts['enum'] as readonly unknown[]) : undefined;
}
