import type { ContractChange } from './contract-change.ts';
import { type Content, type OpenapiDocument, type Operation, operationsOf } from './openapi-document.ts';
import { type Side, schemaChanges } from './schema-changes.ts';

/**
 * The changes between two OpenAPI documents that break clients of the first: what they send must still be taken, what they get must
 * be what they know. A library would be better; those on npm take no OpenAPI 3.1, or do not mind a new required header and
 * another type in an answer.
 */
export function openapiChanges(previous: OpenapiDocument, current: OpenapiDocument): readonly ContractChange[] {
  const now = new Map(operationsOf(current).map((operation) => [keyOf(operation), operation]));
  return operationsOf(previous).flatMap((operation) => {
    const where = `${operation.method} ${operation.path}`;
    const other = now.get(keyOf(operation));
    if (other === undefined) {
      return [{ rule: 'operation-removed', where, text: `${where} is gone`, certain: true }];
    }
    return [
      ...securityChanges(where, operation, other),
      ...parameterChanges(where, [previous, operation], [current, other]),
      ...bodyChanges(where, [previous, operation], [current, other]),
      ...responseChanges(where, [previous, operation], [current, other]),
    ];
  });
}

type Versioned = readonly [document: OpenapiDocument, operation: Operation];

/** What a path's parameters are called is nothing that a client sends. */
function keyOf({ method, path }: Operation): string {
  return `${method} ${path.replaceAll(/\{[^{}]*\}/g, '{}')}`;
}

function securityChanges(where: string, before: Operation, after: Operation): readonly ContractChange[] {
  if (before.secured || !after.secured) return [];
  return [{ rule: 'security-required', where, text: `${where} needs credentials now`, certain: true }];
}

function parameterChanges(
  where: string,
  [before, one]: Versioned,
  [after, other]: Versioned,
): readonly ContractChange[] {
  return other.parameters.flatMap((parameter) => {
    const { name, in: place, required } = parameter;
    const at = `${where} ${place} ${name}`;
    const known = one.parameters.find((candidate) =>
      // Headers have no case; of a path only the place counts.
      place === 'header'
        ? candidate.in === place && candidate.name.toLowerCase() === name.toLowerCase()
        : candidate.in === place && (place === 'path' || candidate.name === name),
    );
    if (place === 'path' && known?.name !== name) return [];
    if (required && known?.required !== true) {
      return [
        { rule: 'parameter-required', where: at, text: `the ${place} parameter ${name} is needed now`, certain: true },
      ];
    }
    return known === undefined ? [] : schemaChanges('request', at, [before, known.schema], [after, parameter.schema]);
  });
}

function bodyChanges(
  where: string,
  [before, { body: one }]: Versioned,
  [after, { body: other }]: Versioned,
): readonly ContractChange[] {
  const at = `${where} request`;
  if (other?.required === true && one?.required !== true) {
    return [{ rule: 'body-required', where: at, text: `${where} needs a body now`, certain: true }];
  }
  if (one === undefined) return [];
  return contentChanges('request', at, [before, one.content], [after, other?.content ?? {}]);
}

function responseChanges(
  where: string,
  [before, one]: Versioned,
  [after, other]: Versioned,
): readonly ContractChange[] {
  return Object.entries(one.responses).flatMap(([status, content]) => {
    const at = `${where} response ${status}`;
    const now = other.responses[status] ?? other.responses[`${status.slice(0, 1)}XX`];
    if (now !== undefined) return contentChanges('response', at, [before, content], [after, now]);
    // What else may come instead of a failure is no matter of what works.
    if (!status.startsWith('2')) return [];
    return [{ rule: 'status-removed', where: at, text: `${where} no longer answers ${status}`, certain: true }];
  });
}

function contentChanges(
  side: Side,
  where: string,
  [before, one]: readonly [OpenapiDocument, Content],
  [after, other]: readonly [OpenapiDocument, Content],
): readonly ContractChange[] {
  return Object.entries(one).flatMap(([type, { schema = true }]) => {
    const now = other[type];
    if (now === undefined) {
      return [{ rule: 'media-type-removed', where, text: `${type} is gone`, certain: true }];
    }
    return schemaChanges(side, where, [before, schema], [after, now.schema ?? true]);
  });
}
