import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { EnvironmentError } from '../../lib/errors.ts';

/** An OpenAPI document of 3.0 or 3.1, as far as it is looked at. */
export interface OpenapiDocument {
  readonly openapi: string;
  readonly paths?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components?: Readonly<Record<string, unknown>>;
  readonly security?: readonly unknown[];
}

export type Schema = boolean | Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required: boolean;
  readonly schema: Schema;
  readonly example?: unknown;
}

/** By media type. */
export type Content = Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>>;

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body?: { readonly required: boolean; readonly content: Content };
  /** By status: "200", "2XX", "default". */
  readonly responses: Readonly<Record<string, Content>>;
  /** Whether it can only be called with credentials. */
  readonly secured: boolean;
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
/** A reference leads to a reference leads to … */
const MOST_REFERENCES = 50;

/** Reads YAML or JSON. EnvironmentError('no-such-contract'). */
export function readOpenapi(file: string): OpenapiDocument {
  let document: unknown;
  try {
    document = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new EnvironmentError('no-such-contract', `${file}: ${(cause as Error).message}`, { cause });
  }
  const version = (document as OpenapiDocument | null)?.openapi;
  if (typeof version === 'string' && version.startsWith('3.')) return document as OpenapiDocument;
  throw new EnvironmentError('no-such-contract', `${file} is no OpenAPI document of version 3`);
}

export function operationsOf(document: OpenapiDocument): readonly Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method] as Readonly<Record<string, unknown>> | undefined;
      return operation === undefined ? [] : [operationOf(document, path, item, method, operation)];
    }),
  );
}

function operationOf(
  document: OpenapiDocument,
  path: string,
  item: Readonly<Record<string, unknown>>,
  method: string,
  operation: Readonly<Record<string, unknown>>,
): Operation {
  const listed = [...asList(item['parameters']), ...asList(operation['parameters'])].map((one) =>
    follow(document, one),
  );
  const body = operation['requestBody'] === undefined ? undefined : follow(document, operation['requestBody']);
  const responses = Object.entries((operation['responses'] ?? {}) as Record<string, unknown>).map(
    ([status, response]) => [status, (follow(document, response)['content'] ?? {}) as Content] as const,
  );
  const security = (operation['security'] ?? document.security ?? []) as readonly object[];
  return {
    id: typeof operation['operationId'] === 'string' ? operation['operationId'] : `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    parameters: listed.map(parameterOf),
    ...(body === undefined
      ? {}
      : { body: { required: body['required'] === true, content: (body['content'] ?? {}) as Content } }),
    responses: Object.fromEntries(responses),
    // An empty one among them says that it may be called without.
    secured: security.length > 0 && security.every((one) => Object.keys(one).length > 0),
  };
}

function parameterOf(parameter: Readonly<Record<string, unknown>>): Parameter {
  return {
    name: String(parameter['name']),
    in: parameter['in'] as Parameter['in'],
    required: parameter['required'] === true || parameter['in'] === 'path',
    schema: (parameter['schema'] ?? true) as Schema,
    ...(parameter['example'] === undefined ? {} : { example: parameter['example'] }),
  };
}

/** What a reference stands for (in the same document); anything else as it is. Throws where it leads nowhere. */
export function follow(document: OpenapiDocument, value: unknown): Readonly<Record<string, unknown>> {
  let found = value;
  for (let step = 0; step < MOST_REFERENCES; step += 1) {
    const { $ref, ...beside } = (found ?? {}) as { readonly $ref?: string };
    if ($ref === undefined) return (found ?? {}) as Readonly<Record<string, unknown>>;
    if (!$ref.startsWith('#/')) throw new Error(`$ref ${$ref}: only references within the document are followed`);
    found = $ref
      .slice(2)
      .split('/')
      .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((inner, part) => (inner as Record<string, unknown> | undefined)?.[part], document);
    if (found === undefined) throw new Error(`$ref ${$ref} leads nowhere`);
    // In 3.1 what stands beside a reference counts as well.
    if (Object.keys(beside).length > 0) return { ...follow(document, found), ...beside };
  }
  throw new Error('references that lead to each other');
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
