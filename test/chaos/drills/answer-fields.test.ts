import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differingFields, fieldsOf, generalised, isIgnored } from '../../../chaos/drills/answer-fields.ts';

const answer = (...items: readonly unknown[]) => fieldsOf({ status: 'HTTP 200', items });
const differing = (one: unknown, other: unknown, ignore: readonly string[] = []) =>
  [...differingFields(answer(one), answer(other), ignore)].toSorted();

describe('fields that differ', () => {
  test.each<[string, unknown, unknown, readonly string[]]>([
    ['a value', { a: 1, b: 2 }, { a: 1, b: 3 }, ['/b']],
    ['a type', { a: 1 }, { a: '1' }, ['/a']],
    ['one that is missing', { a: 1, b: { c: 2 } }, { a: 1 }, ['/b/c']],
    ['one too many', { a: 1 }, { a: 1, b: null }, ['/b']],
    ['in a list', { lines: [{ n: 1 }, { n: 2 }] }, { lines: [{ n: 1 }, { n: 3 }] }, ['/lines/*/n']],
    ['in each of a list, once', { lines: [1, 2] }, { lines: [3, 4] }, ['/lines/*']],
    ['a shorter list', { lines: [{ n: 1 }, { n: 2 }] }, { lines: [{ n: 1 }] }, ['/lines/*/n']],
    ['an empty list', { lines: [{ n: 1 }] }, { lines: [] }, ['/lines', '/lines/*/n']],
    ['an order', [1, 2], [2, 1], ['/*']],
    ['a name with a slash, a number as a name', { 'a/b': 1, 2024: 1 }, { 'a/b': 2, 2024: 2 }, ['/2024', '/a~1b']],
    ['a text alone', 'yes', 'no', ['/']],
  ])('%s', (_, one, other, fields) => {
    expect(differing(one, other)).toEqual([...fields].toSorted());
    expect(differing(other, one)).toEqual([...fields].toSorted());
  });

  test('status, headers and trailers are fields', () => {
    const one = fieldsOf({ status: 'OK', items: [], headers: { a: '1' }, trailers: { t: 'x' } });
    const other = fieldsOf({ status: 'INTERNAL', items: [], headers: { a: '2' }, trailers: {} });
    expect([...differingFields(one, other, [])]).toEqual(['status', 'header a', 'trailer t']);
  });

  test('several messages are a list', () => {
    const one = fieldsOf({ status: 'OK', items: [{ n: 1 }, { n: 2 }] });
    const other = fieldsOf({ status: 'OK', items: [{ n: 1 }] });
    expect([...differingFields(one, other, [])].toSorted()).toEqual(['/*/n', '/n']);
  });

  test('what is ignored is not among them', () => {
    const [one, other] = [
      { id: 1, quote: { servedBy: 'a', lines: [{ at: 1, n: 1 }] } },
      { id: 2, quote: { servedBy: 'b', lines: [{ at: 2, n: 2 }] } },
    ];
    expect(differing(one, other, ['servedBy', '/quote/lines/*/at'])).toEqual(['/id', '/quote/lines/*/n']);
    expect(differing(one, other, ['/quote', 'id'])).toEqual([]);
    // The beginning of a name is not the name.
    expect(isIgnored('/quotes/a', ['/quote', 'quote'])).toBe(false);
    expect(isIgnored('status', ['status'])).toBe(true);
  });
});

const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-z~/]{1,4}$/), tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const document = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), tree, {
  minKeys: 1,
  maxKeys: 5,
  noNullPrototype: true,
});

test('an answer does not differ from itself, whatever the order of its names', () => {
  fc.assert(
    fc.property(document, (one) => {
      const reversed = Object.fromEntries(Object.entries(one).toReversed());
      expect(differing(one, structuredClone(reversed))).toEqual([]);
    }),
  );
});

test('one leaf that is changed, and one that is taken away, are found by its own field and no other', () => {
  fc.assert(
    fc.property(document, fc.nat(), (one, at) => {
      const fields = [...answer(one)];
      const names = fields.map(([name]) => name).filter((name) => name !== 'status');
      const name = names[at % names.length] ?? '';
      const changed = new Map(fields).set(name, '"something else"');
      expect([...differingFields(new Map(fields), changed, [])]).toEqual([generalised(name)]);
      const without = new Map(fields.filter(([other]) => other !== name));
      expect([...differingFields(new Map(fields), without, [])]).toEqual([generalised(name)]);
      expect([...differingFields(without, new Map(fields), [])]).toEqual([generalised(name)]);
    }),
  );
});
