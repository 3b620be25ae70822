import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { systemSchema } from '../../lib/plan/schema/system.ts';
import { findPlaceholders, knownPlaceholders, resolvePlaceholders } from '../../lib/provision/placeholders.ts';

describe('findPlaceholders', () => {
  test.each([
    ['no placeholder', []],
    ['http://{{shop.http}}/x', ['shop.http']],
    ['{{ a }}{{b}}{{a}}', ['a', 'b']],
    ['{"mode":"{{mode}}","share":{{share}}}', ['mode', 'share']],
    ['{ {a} } {{}}', ['']],
    ['{{Shop Http}}', ['Shop Http']],
  ])('%s', (text, names) => {
    expect(findPlaceholders(text)).toEqual(names);
  });
});

describe('resolvePlaceholders', () => {
  const values = new Map([
    ['shop.http', '127.0.0.1:8080'],
    ['share', '25'],
    ['odd', '$& {{share}}'],
  ]);
  test.each([
    ['http://{{shop.http}}/readyz', 'http://127.0.0.1:8080/readyz'],
    ['{"share":{{share}}}', '{"share":25}'],
    ['{{ share }}', '25'],
    // A value is not read again, and holds no patterns of its own.
    ['{{odd}}', '$& {{share}}'],
  ])('%s', (text, expected) => {
    expect(resolvePlaceholders(text, values)).toBe(expected);
  });

  test('names a placeholder without a value, and what there is', () => {
    expect(() => resolvePlaceholders('{{artifact}}', values)).toThrow(
      expect.objectContaining({
        code: 'placeholder-without-value',
        message: expect.stringContaining('{{artifact}}') as unknown,
        hint: expect.stringContaining('shop.http') as unknown,
      }),
    );
  });

  test('resolves exactly what it finds', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const names = findPlaceholders(text);
        const resolved = resolvePlaceholders(text, new Map(names.map((name) => [name, 'x'])));
        expect(names.length === 0).toBe(resolved === text);
      }),
    );
  });
});

test('knownPlaceholders lists ports, URLs, edges, the cache and the collector', () => {
  const system = systemSchema.parse({
    services: {
      shop: { process: { command: ['shop'] }, ports: ['http', 'grpc'] },
      engine: { process: { command: ['engine'] }, ports: { http: 9000 } },
      mail: { url: 'http://127.0.0.1:2525' },
    },
    edges: { 'shop-engine': { from: 'shop', to: 'engine.http' } },
  });
  expect(knownPlaceholders(system)).toEqual([
    'shop.http',
    'shop.grpc',
    'engine.http',
    'mail',
    'edge.shop-engine',
    'cache',
    'otlp.http',
    'otlp.grpc',
  ]);
});
