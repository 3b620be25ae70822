import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleOf } from '../../../chaos/contracts/example.ts';
import { type OpenapiDocument, type Operation, operationsOf } from '../../../chaos/contracts/openapi-document.ts';
import { requestOf } from '../../../chaos/contracts/openapi-request.ts';
import type { Json } from '../../../lib/plan/schema/requests.ts';

const document: OpenapiDocument = {
  openapi: '3.1.0',
  paths: {
    '/shops/{shop}/carts': {
      parameters: [{ name: 'shop', in: 'path', schema: { type: 'string' } }],
      post: {
        operationId: 'add',
        parameters: [
          { $ref: '#/components/parameters/Page' },
          { name: 'X-Key', in: 'header', required: true, schema: { type: 'string', pattern: '^k' } },
          { name: 'X-Timeout', in: 'header', schema: { type: 'integer', minimum: 1 } },
        ],
        requestBody: {
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['sku', 'lines'],
                properties: {
                  sku: { type: 'string', examples: ['sku-1'] },
                  lines: { type: 'array', items: { $ref: '#/components/schemas/Line' } },
                  note: { type: 'string', default: '' },
                  gift: { type: 'boolean' },
                },
              },
            },
          },
        },
        responses: { 200: { content: { 'application/json': {} } } },
      },
    },
  },
  components: {
    parameters: { Page: { name: 'page', in: 'query', schema: { type: 'integer', default: 1 } } },
    schemas: {
      Line: {
        type: 'object',
        required: ['n'],
        properties: { n: { type: 'integer', minimum: 3 }, m: { enum: ['', 'x'] } },
      },
    },
  },
};
const [operation] = operationsOf(document) as readonly [Operation];
const made = (values: Readonly<Record<string, Json>>, extent: 'required' | 'all') =>
  requestOf(document, operation, {
    baseUrl: 'http://{{shop.http}}/',
    headers: { authorization: 'Bearer t' },
    values,
    extent,
  });

describe('a request by its document', () => {
  test('has what is required, and no more', () => {
    expect(made({ shop: 'a b/{{account}}', 'X-Key': 'k-{{key}}' }, 'required')).toEqual({
      http: {
        method: 'POST',
        url: 'http://{{shop.http}}/shops/a%20b%2F{{account}}/carts',
        headers: { authorization: 'Bearer t', 'X-Key': 'k-{{key}}' },
        body: { sku: 'sku-1', lines: [{ n: 3 }] },
      },
    });
  });

  test('has all that is documented, but no header without a value', () => {
    expect(made({ shop: 'a', 'X-Key': 'k', sku: '{{sku}}', extra: 5 }, 'all')).toEqual({
      http: {
        method: 'POST',
        url: 'http://{{shop.http}}/shops/a/carts?page=1',
        headers: { authorization: 'Bearer t', 'X-Key': 'k' },
        body: { lines: [{ n: 3, m: 'x' }], note: '', gift: true, sku: '{{sku}}', extra: 5 },
      },
    });
  });

  test('says which value it lacks', () => {
    expect(() => made({ shop: 'a' }, 'required')).toThrow(
      'X-Key: no value follows from the document (a text with a pattern or a format): give one',
    );
  });
});

const leaf = fc.oneof(
  fc.constant({ type: 'boolean' }),
  fc.constant({ type: 'null' }),
  fc.constant({ const: 'a' }),
  fc.constant({ enum: [3, 4] }),
  fc.integer({ min: -5, max: 5 }).map((minimum) => ({ type: 'integer', minimum })),
  fc.integer({ min: -5, max: 5 }).map((maximum) => ({ type: 'number', maximum })),
  fc.integer({ min: 0, max: 5 }).map((exclusiveMinimum) => ({ type: 'integer', exclusiveMinimum })),
  fc.nat({ max: 5 }).map((minLength) => ({ type: 'string', minLength })),
);
const { schema } = fc.letrec<{ schema: object }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.record({ type: fc.constant('array'), items: tie('schema'), minItems: fc.nat({ max: 3 }) }),
    fc
      .dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema'), { noNullPrototype: true })
      .map((properties) => ({ type: 'object', properties, required: Object.keys(properties).slice(0, 2) })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((anyOf) => ({ anyOf })),
  ),
}));

test('an example is one that its schema allows', () => {
  const ajv = new Ajv2020({ strict: false });
  fc.assert(
    fc.property(schema, fc.constantFrom('required', 'all'), (one, extent) => {
      expect(ajv.validate(one, exampleOf(document, one as Readonly<Record<string, unknown>>, extent))).toBe(true);
    }),
  );
});
