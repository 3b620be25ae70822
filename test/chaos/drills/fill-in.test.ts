import { expect, test } from 'vitest';
import { fillIn } from '../../../chaos/drills/fill-in.ts';
import { generateValues } from '../../../chaos/drills/generate-values.ts';
import { drillRequestSchema } from '../../../lib/plan/schema/requests.ts';

test('placeholders that have a value are filled in, numbers stay numbers', () => {
  const values = { http: 'http://{{shop.http}}', quantity: 3, sku: 'sku-7', lines: [{ n: 1 }], nothing: null };
  const http = {
    url: '{{http}}/v1/{{sku}}?n={{quantity}}',
    method: 'POST',
    headers: { key: '{{key}}-{{sku}}' },
    body: { a: '{{quantity}}', b: 'is {{ quantity }}', c: ['{{lines}}', '{{edge.x}}'], d: '{{nothing}}', e: 5 },
  };
  expect(fillIn(drillRequestSchema.parse({ http }), values)).toEqual({
    http: {
      method: 'POST',
      url: 'http://{{shop.http}}/v1/sku-7?n=3',
      headers: { key: '{{key}}-sku-7' },
      body: { a: 3, b: 'is 3', c: [[{ n: 1 }], '{{edge.x}}'], d: null, e: 5 },
    },
  });
  const grpc = {
    address: '{{grpc}}',
    protoPath: '.',
    protoFiles: ['a.proto'],
    method: 'a.B/C',
    message: { n: '{{quantity}}' },
    metadata: { authorization: '{{token}}' },
  };
  const filled = fillIn(drillRequestSchema.parse({ grpc }), { grpc: 'host:1', quantity: 9, token: 'Bearer t' });
  expect(filled).toMatchObject({
    grpc: { address: 'host:1', message: { n: 9 }, metadata: { authorization: 'Bearer t' } },
  });
});

test('values follow from the seed, and reach all of their range', () => {
  const specs = {
    sku: { text: 'sku-{}', from: 1, to: 3 },
    quantity: { from: -1, to: 1 },
    currency: { of: ['EUR', ''] },
  };
  const all = Array.from({ length: 200 }, (_, copy) => generateValues(specs, 7, `quote ${copy}`));
  expect(all).toEqual(Array.from({ length: 200 }, (_, copy) => generateValues(specs, 7, `quote ${copy}`)));
  expect(all).not.toEqual(Array.from({ length: 200 }, (_, copy) => generateValues(specs, 8, `quote ${copy}`)));
  const seen = (name: string) =>
    [...new Set(all.map((values) => JSON.stringify(values[name])))].toSorted((a, b) => a.localeCompare(b));
  expect(seen('sku')).toEqual(['"sku-1"', '"sku-2"', '"sku-3"']);
  expect(
    seen('quantity')
      .map(Number)
      .toSorted((a, b) => a - b),
  ).toEqual([-1, 0, 1]);
  expect(seen('currency')).toEqual(['""', '"EUR"']);
});
