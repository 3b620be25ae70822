import type { DrillRequestSpec, Json } from '../../lib/plan/schema/requests.ts';
import { type Extent, documentedOf, exampleOf } from './example.ts';
import type { OpenapiDocument, Operation, Parameter } from './openapi-document.ts';
import { partsOf, propertiesOf, requiredOf } from './schema-parts.ts';

type Values = Readonly<Record<string, Json>>;

/**
 * The request that a client makes by its document: parameters that are required, or that the document or `values` has a value for,
 * and of the body what is required, or all. Throws, naming the parameter or the property, where a value does not follow.
 */
export function requestOf(
  document: OpenapiDocument,
  operation: Operation,
  {
    baseUrl,
    headers,
    values,
    extent,
  }: {
    readonly baseUrl: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly values: Values;
    readonly extent: Extent;
  },
): DrillRequestSpec {
  let path = operation.path;
  const query: string[] = [];
  const own: Record<string, string> = {};
  for (const parameter of operation.parameters) {
    const value = valueOf(document, parameter, values, extent);
    if (value === undefined) continue;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (parameter.in === 'path') path = path.replaceAll(`{${parameter.name}}`, escaped(text));
    if (parameter.in === 'query') query.push(`${encodeURIComponent(parameter.name)}=${escaped(text)}`);
    if (parameter.in === 'header') own[parameter.name] = text;
  }
  const body = bodyOf(document, operation, values, extent);
  return {
    http: {
      method: operation.method as 'GET',
      url: `${baseUrl.replace(/\/$/, '')}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`,
      headers: { ...headers, ...own },
      ...(body === undefined ? {} : { body }),
    },
  };
}

/** Whether the two extents are different requests at all. */
export function differsByExtent(document: OpenapiDocument, { body }: Operation): boolean {
  const schema = body?.content['application/json']?.schema;
  if (schema === undefined) return false;
  const parts = partsOf(document, schema);
  return Object.keys(propertiesOf(parts)).some((name) => !requiredOf(parts).includes(name));
}

function valueOf(
  document: OpenapiDocument,
  { name, required, schema, example }: Parameter,
  values: Values,
  extent: Extent,
): Json | undefined {
  if (values[name] !== undefined) return values[name];
  if (example !== undefined) return example as Json;
  const documented = documentedOf(partsOf(document, schema));
  if (documented !== undefined && (required || extent === 'all')) return documented;
  return required ? named(name, () => exampleOf(document, schema, extent)) : undefined;
}

function bodyOf(
  document: OpenapiDocument,
  { body, parameters }: Operation,
  values: Values,
  extent: Extent,
): Json | undefined {
  if (body === undefined) return undefined;
  const [type, content] = Object.entries(body.content).find(([name]) => /[/+]json$/.test(name)) ?? [];
  if (type === undefined || content === undefined) throw new Error('the body: only JSON can be made');
  if (content.example !== undefined && Object.keys(values).length === 0) return content.example as Json;
  const schema = content.schema ?? true;
  const properties = propertiesOf(partsOf(document, schema));
  const given = Object.fromEntries(
    Object.entries(values).filter(([name]) => parameters.every((parameter) => parameter.name !== name)),
  );
  if (Object.keys(properties).length === 0)
    return { ...(named('the body', () => exampleOf(document, schema, extent)) as object), ...given };
  const required = requiredOf(partsOf(document, schema));
  const made = Object.entries(properties)
    .filter(([name]) => given[name] === undefined && (extent === 'all' || required.includes(name)))
    .map(([name, property]) => [name, named(name, () => exampleOf(document, property, extent))] as const);
  return { ...Object.fromEntries(made), ...given };
}

function named<Value>(name: string, make: () => Value): Value {
  try {
    return make();
  } catch (error) {
    throw new Error(`${name}: no value follows from the document (${(error as Error).message}): give one`, {
      cause: error,
    });
  }
}

/** Placeholders are filled in later, by what needs no escaping. */
function escaped(text: string): string {
  return text
    .split(/(\{\{[^{}]*\}\})/)
    .map((part, index) => (index % 2 === 1 ? part : encodeURIComponent(part)))
    .join('');
}
