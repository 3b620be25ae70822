import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { openapiChanges } from '../../../chaos/contracts/openapi-changes.ts';
import { type OpenapiDocument, readOpenapi } from '../../../chaos/contracts/openapi-document.ts';

const CONTRACTS = fileURLToPath(new URL('../../../services/contracts', import.meta.url));

/** A document of one operation, with this request, this answer, and these schemas to refer to. */
function api(parts: {
  readonly request?: object;
  readonly response?: object;
  readonly schemas?: object;
  readonly operation?: object;
  readonly version?: string;
}): OpenapiDocument {
  const { request = {}, response = {}, schemas = {}, operation = {}, version = '3.1.0' } = parts;
  const json = (schema: object) => ({ content: { 'application/json': { schema } } });
  const post = {
    operationId: 'pay',
    requestBody: json(request),
    responses: { 200: json(response), default: json({}) },
  };
  return {
    openapi: version,
    paths: { '/pay/{id}': { post: { ...post, ...operation } } },
    components: { schemas: schemas },
  };
}

const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
const changed = (before: OpenapiDocument, after: OpenapiDocument) =>
  openapiChanges(before, after).map(({ rule, where, certain }) => `${certain ? '' : '? '}${rule} ${where}`);

/** What of a schema is a break, by the side that it stands on. */
const SCHEMAS: readonly (readonly [
  what: string,
  before: object,
  after: object,
  request: readonly string[],
  response: readonly string[],
])[] = [
  ['nothing', object({ a: { type: 'string' } }), object({ a: { type: 'string' } }), [], []],
  ['a new property', object({}), object({ a: { type: 'string' } }), [], []],
  ['a new required property', object({ a: {} }), object({ a: {} }, { required: ['a'] }), ['property-required /a'], []],
  ['one no longer required', object({ a: {} }, { required: ['a'] }), object({ a: {} }), [], ['property-optional /a']],
  ['one that is gone', object({ a: {} }), object({}), [], ['property-removed /a']],
  [
    'one that is refused',
    object({ a: {} }),
    object({}, { additionalProperties: false }),
    ['property-removed /a'],
    ['property-removed /a'],
  ],
  [
    'one where none was to come',
    object({}, { additionalProperties: false }),
    object({ a: {} }),
    [],
    ['property-added /a'],
  ],
  ['another type', { type: 'integer' }, { type: 'string' }, ['type-changed'], ['type-changed']],
  ['a wider type', { type: 'integer' }, { type: 'number' }, [], ['type-changed']],
  ['null as well', { type: 'string' }, { type: ['string', 'null'] }, [], ['type-changed']],
  ['null as well (3.0)', { type: 'string' }, { type: 'string', nullable: true }, [], ['type-changed']],
  ['any type at all', { type: 'string' }, {}, [], ['type-changed']],
  ['one value less', { enum: ['a', 'b'] }, { enum: ['a'] }, ['values-changed'], []],
  ['one value more', { enum: ['a'] }, { enum: ['a', 'b'] }, [], ['values-changed']],
  ['one value for all', { type: 'string' }, { const: 'a' }, ['values-changed'], []],
  ['values within their type', { const: 'a' }, { type: 'string' }, [], ['values-changed']],
  [
    'a tighter limit',
    { minimum: 1, maxLength: 9 },
    { minimum: 2, maxLength: 8 },
    ['limit-changed', 'limit-changed'],
    [],
  ],
  ['a looser limit', { maximum: 5 }, { maximum: 6 }, [], ['limit-changed']],
  ['a limit that says nothing', { type: 'array' }, { type: 'array', minItems: 0 }, [], []],
  ['values within a limit', { enum: [1, 2] }, { enum: [1, 2], maximum: 2 }, [], []],
  ['a pattern', { type: 'string' }, { type: 'string', pattern: '^a' }, ['pattern-changed'], []],
  ['another pattern', { pattern: '^a' }, { pattern: '^b' }, ['? pattern-changed'], ['? pattern-changed']],
  [
    'something deep in a list',
    { items: object({ a: { enum: [1] } }) },
    { items: object({ a: { enum: [2] } }) },
    ['values-changed /*/a'],
    ['values-changed /*/a'],
  ],
  [
    'one of several',
    { oneOf: [{ type: 'string' }] },
    { oneOf: [{ type: 'integer' }] },
    ['type-changed'],
    ['type-changed'],
  ],
  [
    'one more of several',
    { anyOf: [{ type: 'string' }] },
    { anyOf: [{ type: 'string' }, { type: 'null' }] },
    ['? alternatives-changed'],
    ['? alternatives-changed'],
  ],
  [
    'parts put together',
    { allOf: [object({ a: {} }), { required: ['a'] }] },
    object({ a: {} }, { required: ['a'] }),
    [],
    [],
  ],
  [
    'a part put to it',
    { allOf: [object({ a: {} })] },
    { allOf: [object({ a: {} }), { required: ['a'] }] },
    ['property-required /a'],
    [],
  ],
];

describe('a schema', () => {
  const places = (side: string, changes: readonly string[]) =>
    changes.map((change) => {
      const [, doubt = '', rule = '', path = ''] = /^(\? )?(\S+)( .*)?$/.exec(change) ?? [];
      return `${doubt}${rule} POST /pay/{id} ${side}${path}`;
    });

  test.each(SCHEMAS)('%s', (_, before, after, request, response) => {
    expect(changed(api({ request: before }), api({ request: after }))).toEqual(places('request', request));
    expect(changed(api({ response: before }), api({ response: after }))).toEqual(places('response 200', response));
  });

  test('that is referred to, and one that holds itself', () => {
    const tree = (more: object) =>
      api({
        request: { $ref: '#/components/schemas/Tree' },
        schemas: {
          Tree: object({ children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } }, ...more }),
        },
      });
    expect(changed(tree({}), tree({}))).toEqual([]);
    expect(changed(tree({ a: { type: 'string' } }), tree({ a: { type: 'integer' } }))).toEqual([
      'type-changed POST /pay/{id} request /a',
    ]);
  });
});

describe('an operation', () => {
  const parameter = (more: object = {}) => ({ name: 'X-Who', in: 'header', schema: { type: 'string' }, ...more });
  test.each<[string, object, object, readonly string[]]>([
    ['with a new header', {}, { parameters: [parameter()] }, []],
    [
      'with a header that is needed',
      {},
      { parameters: [parameter({ required: true })] },
      ['parameter-required POST /pay/{id} header X-Who'],
    ],
    [
      'with a header that came to be needed',
      { parameters: [parameter({ name: 'x-who' })] },
      { parameters: [parameter({ required: true })] },
      ['parameter-required POST /pay/{id} header X-Who'],
    ],
    [
      'with a narrower header',
      { parameters: [parameter()] },
      { parameters: [parameter({ schema: { type: 'integer' } })] },
      ['type-changed POST /pay/{id} header X-Who'],
    ],
    ['with a path that is called otherwise', {}, {}, []],
    [
      'without a status',
      {},
      { responses: { 201: {}, default: { content: { 'application/json': {} } } } },
      ['status-removed POST /pay/{id} response 200'],
    ],
    [
      'without its media type',
      {},
      { requestBody: { content: { 'text/csv': {} } } },
      ['media-type-removed POST /pay/{id} request'],
    ],
    [
      'with a body that is needed',
      {},
      { requestBody: { required: true, content: { 'application/json': {} } } },
      ['body-required POST /pay/{id} request'],
    ],
    ['that needs credentials', {}, { security: [{ key: [] }] }, ['security-required POST /pay/{id}']],
    ['that may have credentials', {}, { security: [{ key: [] }, {}] }, []],
  ])('%s', (_, before, after, changes) => {
    expect(changed(api({ operation: before }), api({ operation: after }))).toEqual(changes);
  });

  test('that is gone, and one that is new', () => {
    expect(changed(api({}), { openapi: '3.1.0', paths: {} })).toEqual(['operation-removed POST /pay/{id}']);
    expect(changed({ openapi: '3.1.0' }, api({}))).toEqual([]);
  });
});

describe('the contracts of the reference system', () => {
  const placeOf = ({ rule, where }: { readonly rule: string; readonly where: string }) => `${rule} ${where}`;
  const NEW_MODE = ['GET /admin/switch', 'PUT /admin/switch/{capability}', 'PUT /admin/kill-switch'].flatMap(
    (operation) =>
      ['pricing', 'ledger'].map(
        (capability) => `values-changed ${operation} response 200 /capabilities/${capability}/mode`,
      ),
  );

  test('are compatible', () => {
    const [previous, current] = ['previous/openapi.yaml', 'openapi.yaml'].map((file) =>
      readOpenapi(`${CONTRACTS}/${file}`),
    );
    // An operator can set what an old one does not know.
    const places = new Set(openapiChanges(previous as OpenapiDocument, current as OpenapiDocument).map(placeOf));
    expect([...places]).toEqual(NEW_MODE);
  });

  test('would not be, were the currency needed', () => {
    const text = readFileSync(`${CONTRACTS}/openapi.yaml`, 'utf8');
    const needed = text.replace('required: [customerId, lines]', 'required: [customerId, lines, currency]');
    const changes = openapiChanges(
      parse(readFileSync(`${CONTRACTS}/previous/openapi.yaml`, 'utf8')) as OpenapiDocument,
      parse(needed) as OpenapiDocument,
    );
    expect(changes.map(placeOf).filter((place) => !NEW_MODE.includes(place))).toEqual([
      'property-required POST /v1/quotes request /currency',
      'property-required POST /v1/orders request /currency',
    ]);
  });

  test('what is no contract is refused', () => {
    expect(() => readOpenapi(`${CONTRACTS}/nowhere.yaml`)).toThrow(/nowhere.yaml: ENOENT/);
    expect(() => readOpenapi(fileURLToPath(import.meta.url))).toThrow(/openapi-changes.test.ts/);
  });
});
