import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../chaos/drills/canonical-json.ts';

describe('canonicalJson', () => {
  test.each<[unknown, readonly string[], string]>([
    [{ b: 1, a: { d: 2, c: 3 } }, [], '{"a":{"c":3,"d":2},"b":1}'],
    [[{ b: 1, a: 2 }, [3, { z: 1, y: 2 }]], [], '[{"a":2,"b":1},[3,{"y":2,"z":1}]]'],
    [{ at: 1, items: [{ at: 2, id: 'x' }], meta: { at: 3 } }, ['at'], '{"items":[{"id":"x"}],"meta":{}}'],
    [{ ä: 1, z: 2, Z: 3 }, [], '{"Z":3,"z":2,"ä":1}'],
    // Whole numbers come first in every object of JavaScript: the same each time.
    [{ b: 1, 10: 2, 9: 3 }, [], '{"9":3,"10":2,"b":1}'],
    ['text', [], '"text"'],
    [null, ['x'], 'null'],
    [[], [], '[]'],
  ])('of %j without %j', (value, ignore, text) => {
    expect(canonicalJson(value, ignore)).toBe(text);
  });

  test('is the same whatever the order of the keys, and says all that JSON does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('differs where values do', () => {
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
    expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson({ a: '1' }));
    expect(canonicalJson({ a: null })).not.toBe(canonicalJson({}));
  });
});

/** The same value with its keys the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((element) => reversed(element));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(entries.map(([key, element]) => [key, reversed(element)]));
}
