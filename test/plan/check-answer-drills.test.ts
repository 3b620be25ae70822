import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { redactPlan } from '../../lib/plan/redact.ts';
import { planOf, problemsOf } from './loading.ts';

const CONTRACTS = fileURLToPath(new URL('../../services/contracts', import.meta.url));

const quote = { http: { url: '{{http}}/quotes/{{sku}}', headers: { authorization: '{{token}}', key: '{{key}}' } } };
const parity = {
  kind: 'parity',
  traffic: { pricing: 'off' },
  baseline: { http: '{{shop}}', token: 'Bearer a' },
  candidate: { http: 'http://{{stock.http}}', token: 'Bearer b' },
  requests: [{ name: 'quote', request: quote, values: { sku: { text: 'sku-{}', from: 1, to: 9 } }, atMost: '1%' }],
};
const counter = { url: '{{shop}}/metrics', metric: 'writes_total' };
const shadow = {
  kind: 'shadow',
  off: { pricing: 'off' },
  shadow: { pricing: 'shadow' },
  dead: { edges: ['shop-stock'] },
  latency: { operations: ['cart'] },
  effects: counter,
  writes: { operations: ['cart'] },
  shadowed: counter,
};
const contract = {
  kind: 'contract',
  openapi: {
    previous: `${CONTRACTS}/previous/openapi.yaml`,
    calls: [{ operation: 'ledger-append' }, { operation: 'ledger-get', values: { id: '{{ledger-append#/id}}' } }],
  },
  proto: {
    previous: `${CONTRACTS}/previous/proto`,
    files: ['a.proto'],
    calls: [{ method: 'a.B/C', message: { id: '{{key}}' } }],
  },
  targets: [
    {
      name: 'shop',
      http: '{{shop}}',
      grpc: '{{stock.grpc}}',
      traffic: { pricing: 'full' },
      only: ['ledger-append', 'a.B/C'],
    },
  ],
};
const boundary = {
  kind: 'boundary',
  tokens: { client: { valid: 'secret-a', refused: { expired: 'secret-b' } } },
  endpoints: [
    {
      name: 'cart',
      caller: 'client',
      request: { http: { url: '{{shop}}/', headers: { authorization: 'Bearer {{token}}' } } },
    },
  ],
  down: ['shop-stock'],
};

describe('drills on answers', () => {
  test('come behind the load, with their steps, their traffic and their faults', async () => {
    const { load, drills, faults } = await planOf({ drills: [parity, contract, shadow, boundary] });
    expect(load.phases.slice(4).map(({ name, traffic }) => [name, traffic])).toEqual([
      ['parity-compare', { pricing: 'off' }],
      ['contract-shop', { pricing: 'full' }],
      ['shadow-off', { pricing: 'off' }],
      ['shadow-shadow', { pricing: 'shadow' }],
      ['shadow-hang', undefined],
      ['shadow-well', undefined],
      ['shadow-down', undefined],
      ['shadow-after', { pricing: 'off' }],
      ['boundary-before', undefined],
      ['boundary-during', undefined],
      ['boundary-after', undefined],
    ]);
    expect(faults.map(({ name, kind, drill }) => [name, kind, drill])).toEqual([
      ['shadow-hang-shop-stock', 'timeout', 'shadow'],
      ['shadow-down-shop-stock', 'down', 'shadow'],
      ['boundary-down-shop-stock', 'down', 'boundary'],
    ]);
    // 299 show 1 %, and a few more may not be answered.
    expect(drills[0]?.steps).toMatchObject([{ startMs: 15_000, endMs: 15_000 + 6_000 }]);
  });

  test('keep their tokens out of the run folder, and what they are called in it', async () => {
    const text = JSON.stringify(redactPlan(await planOf({ drills: [parity, boundary] })));
    expect(text).not.toMatch(/secret-a|secret-b|Bearer a|Bearer b/);
    expect(text).toContain('"expired":"[redacted]"');
    expect(text).toContain('"caller":"client"');
  });
});

describe('one that cannot be is refused, by path, value and hint', () => {
  test.each<[string, object, object]>([
    [
      'a placeholder that there is not',
      { ...parity, requests: [{ ...parity.requests[0], values: {} }] },
      { path: 'drills[0].requests[0].request.http.url', message: 'unknown placeholder {{sku}}' },
    ],
    [
      'something that only one side has',
      { ...parity, candidate: { http: 'a' } },
      { path: 'drills[0].candidate', message: 'does not have token' },
    ],
    [
      'samples that cannot be enough',
      { ...parity, requests: [{ ...parity.requests[0], samples: 298 }] },
      {
        path: 'drills[0].requests[0].samples',
        value: 298,
        hint: 'it takes at least 299; leave it out for as many, or raise `atMost`',
      },
    ],
    [
      'a value that is taken',
      {
        ...parity,
        requests: [{ ...parity.requests[0], values: { sku: { from: 1, to: 2 }, key: { from: 1, to: 2 } } }],
      },
      { path: 'drills[0].requests[0].values.key', message: 'stands for something else already' },
    ],
    [
      'two of one name',
      { ...parity, requests: [parity.requests[0], parity.requests[0]] },
      { path: 'drills[0].requests[1].name', message: 'is used twice' },
    ],
    [
      'traffic that there is not',
      { ...parity, traffic: { pricng: 'off' } },
      { path: 'drills[0].traffic.pricng', message: 'unknown capability' },
    ],
    [
      'traffic that nothing moves back',
      { ...shadow, shadow: { pricing: 'shadow' }, off: { pricng: 'off' } },
      { path: 'drills[0].off.pricing', message: 'is missing' },
    ],
    [
      'an edge that there is not',
      { ...shadow, dead: { edges: ['shop-stok'] } },
      {
        path: 'drills[0].dead.edges[0]',
        value: 'shop-stok',
        message: 'unknown edge',
        hint: 'did you mean "shop-stock"?',
      },
    ],
    [
      'a counter of nobody',
      { ...shadow, effects: { ...counter, url: '{{shp}}' } },
      { path: 'drills[0].effects.url', message: 'unknown placeholder {{shp}}' },
    ],
    [
      'an operation that there is not',
      { ...contract, openapi: { ...contract.openapi, calls: [{ operation: 'ledger-apend' }] } },
      { path: 'drills[0].openapi.calls[0].operation', value: 'ledger-apend', hint: 'did you mean "ledger-append"?' },
    ],
    [
      'an answer that comes later',
      { ...contract, openapi: { ...contract.openapi, calls: contract.openapi.calls.toReversed() } },
      { path: 'drills[0].openapi.calls[0]', value: '{{ledger-append#/id}}', message: 'unknown placeholder' },
    ],
    [
      'a document that there is not',
      { ...contract, openapi: { ...contract.openapi, current: 'nowhere.yaml' } },
      { path: 'drills[0].openapi.current', value: 'nowhere.yaml', message: 'cannot be read' },
    ],
    [
      'a folder that there is not',
      { ...contract, proto: { ...contract.proto, current: 'nowhere' } },
      { path: 'drills[0].proto.current', value: 'nowhere', message: 'no such folder' },
    ],
    [
      'a call that is not made',
      { ...contract, targets: [{ ...contract.targets[0], only: ['quote'] }] },
      { path: 'drills[0].targets[0].only', value: 'quote', message: 'is none of the calls' },
    ],
    [
      'a caller without tokens',
      { ...boundary, endpoints: [{ ...boundary.endpoints[0], caller: 'clint' }] },
      { path: 'drills[0].endpoints[0].caller', value: 'clint', hint: 'did you mean "client"?' },
    ],
    [
      'a request without a token',
      { ...boundary, endpoints: [{ ...boundary.endpoints[0], request: { http: { url: '{{shop}}/' } } }] },
      { path: 'drills[0].endpoints[0].request', message: 'has no place for a token' },
    ],
    [
      'an edge that there is not (boundary)',
      { ...boundary, down: ['x'] },
      { path: 'drills[0].down[0]', value: 'x', message: 'unknown edge' },
    ],
  ])('%s', async (_, drill, problem) => {
    expect(await problemsOf({ drills: [drill] })).toContainEqual(expect.objectContaining(problem));
  });
});
