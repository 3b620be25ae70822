import { z } from 'zod';
import { configSchema } from './schema/config.ts';
import { experimentSchema } from './schema/experiment.ts';

export type JsonSchema = { readonly [key: string]: unknown };

/** The JSON Schemas of the input formats, for editors and for other tools. Generated; a test guards the committed copies. */
export const jsonSchemas: Readonly<Record<string, () => JsonSchema>> = {
  'experiment.schema.json': () =>
    toJsonSchema(experimentSchema, 'A cutover experiment (*.experiment.json, .yaml or .ts)'),
  'config.schema.json': () => toJsonSchema(configSchema, 'A cutover configuration (cutover.config.json, .yaml or .ts)'),
};

export function toJsonSchema(schema: z.ZodType, title?: string): JsonSchema {
  const generated = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  return title === undefined ? { ...generated } : { title, ...generated };
}

/** The property names that the schema knows at a path: what a typing error may have meant. */
export function knownKeys(schema: JsonSchema, path: readonly PropertyKey[]): string[] {
  let here: JsonSchema[] = [schema];
  for (const segment of path) here = here.flatMap((node) => step(node, segment));
  return [...new Set(here.flatMap(alternatives).flatMap((node) => Object.keys(asSchema(node['properties']) ?? {})))];
}

function step(node: JsonSchema, segment: PropertyKey): JsonSchema[] {
  return alternatives(node).flatMap((option) => {
    if (typeof segment === 'number') return only(asSchema(option['items']));
    const property = asSchema(asSchema(option['properties'])?.[String(segment)]);
    return only(property ?? asSchema(option['additionalProperties']));
  });
}

function alternatives(node: JsonSchema): JsonSchema[] {
  const options = [node['anyOf'], node['oneOf'], node['allOf']].flatMap((list) => (Array.isArray(list) ? list : []));
  return [node, ...options.flatMap((option) => only(asSchema(option)).flatMap(alternatives))];
}

function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : undefined;
}

function only<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}
