import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Span } from '../../../lib/observe/traces/span.ts';
import { buildTree } from '../../../lib/observe/traces/tree.ts';
import { spanId, traceId } from './otlp.ts';

const CLIENT = spanId(0xc0ffee);

function span(id: number, parent: string | undefined, changes: Partial<Span> = {}): Span {
  return {
    traceId: traceId(1),
    spanId: spanId(id),
    parentId: parent,
    service: 'shop',
    name: `work-${id}`,
    kind: 'internal',
    startMs: id,
    endMs: id + 10,
    failure: undefined,
    events: [],
    ...changes,
  };
}

const drawn = (spans: readonly Span[]) =>
  buildTree(spans, CLIENT).placed.map(({ span: { name }, depth, note }) =>
    [name, depth, note].filter((part) => part !== undefined).join(' '),
  );

test('parents stand before their children, siblings by their start', () => {
  const spans = [
    span(4, spanId(2), { startMs: 30 }),
    span(2, spanId(1)),
    span(3, spanId(2), { startMs: 20 }),
    span(1, CLIENT),
  ];
  expect(drawn(spans)).toEqual(['work-1 0', 'work-2 1', 'work-3 2', 'work-4 2']);
  expect(buildTree(spans, CLIENT)).toMatchObject({ orphans: [], roots: [], retried: false });
});

test('what hangs on nothing is told', () => {
  const tree = buildTree(
    [span(1, CLIENT), span(2, undefined), span(3, spanId(2)), span(4, spanId(99)), span(5, spanId(4))],
    CLIENT,
  );
  expect(tree.roots.map(({ name }) => name)).toEqual(['work-2']);
  expect(tree.orphans.map(({ name }) => name)).toEqual(['work-4']);
  expect(tree.placed.map(({ span: { name }, depth, note }) => [name, depth, note])).toEqual([
    ['work-1', 0, undefined],
    ['work-2', 0, 'new root'],
    ['work-3', 1, undefined],
    ['work-4', 0, 'orphan'],
    ['work-5', 1, undefined],
  ]);
});

test("the client's own span may be exported, and is no new root", () => {
  const own = span(0, undefined, { spanId: CLIENT, kind: 'client' });
  expect(buildTree([span(1, CLIENT), own], CLIENT)).toMatchObject({ roots: [], orphans: [] });
  expect(drawn([span(1, CLIENT), own])).toEqual(['work-0 0', 'work-1 1']);
});

describe('retries', () => {
  const call = (id: number, changes: Partial<Span> = {}) =>
    span(id, spanId(1), { kind: 'client', name: 'quote', startMs: id * 100, endMs: id * 100 + 50, ...changes });

  test.each<readonly [string, readonly Span[], readonly string[]]>([
    ['a call again after it failed', [call(2, { failure: 'UNAVAILABLE' }), call(3)], ['quote 1', 'quote 1 retry 1']],
    [
      'and again',
      [call(2, { failure: 'x' }), call(3, { failure: 'x' }), call(4)],
      ['quote 1', 'quote 1 retry 1', 'quote 1 retry 2'],
    ],
    ['two calls that both succeed', [call(2), call(3)], ['quote 1', 'quote 1']],
    ['another call', [call(2, { failure: 'x' }), call(3, { name: 'other' })], ['quote 1', 'other 1']],
    ['a call of another service', [call(2, { failure: 'x' }), call(3, { service: 'other' })], ['quote 1', 'quote 1']],
    ['two at once', [call(2, { failure: 'x', endMs: 400 }), call(3)], ['quote 1', 'quote 1']],
    [
      'work that is no call',
      [call(2, { failure: 'x', kind: 'internal' }), call(3, { kind: 'internal' })],
      ['quote 1', 'quote 1'],
    ],
  ])('%s', (_, calls, expected) => {
    const spans = [span(1, CLIENT), ...calls];
    expect(drawn(spans).slice(1)).toEqual(expected);
    expect(buildTree(spans, CLIENT).retried).toBe(expected.some((line) => line.includes('retry')));
  });
});

/** Trees as they are: each span hangs on one that came before it, or on the client's. */
const trees = fc
  .array(fc.nat(), { minLength: 1, maxLength: 60 })
  .map((picks) =>
    picks.map((pick, index) => span(index + 1, index === 0 || pick % 7 === 0 ? CLIENT : spanId(1 + (pick % index)))),
  );

test('whatever the order, clocks and duplicates, a whole tree is whole', () => {
  fc.assert(
    fc.property(
      trees,
      fc.array(fc.integer({ min: -5_000, max: 5_000 }), { minLength: 60, maxLength: 60 }),
      fc.infiniteStream(fc.nat()),
      (spans, skews, order) => {
        const skewed = spans.map((one, index) => ({
          ...one,
          startMs: one.startMs + (skews[index] ?? 0),
          endMs: one.endMs + (skews[index] ?? 0),
        }));
        const shuffled = [...skewed, ...skewed.slice(0, 5)]
          .map((one) => [order.next().value as number, one] as const)
          .toSorted(([a], [b]) => a - b)
          .map(([, one]) => one);
        const tree = buildTree(shuffled, CLIENT);
        expect(tree.orphans).toEqual([]);
        expect(tree.roots).toEqual([]);
        expect(tree.placed).toHaveLength(spans.length);
        // Each stands below its parent.
        const at = new Map(tree.placed.map(({ span: { spanId: id } }, index) => [id, index]));
        for (const { span: one, depth } of tree.placed) {
          if (one.parentId === CLIENT) expect(depth).toBe(0);
          else {
            expect(at.get(one.parentId ?? '')).toBeLessThan(at.get(one.spanId) ?? -1);
            expect(tree.placed[at.get(one.parentId ?? '') ?? -1]?.depth).toBe(depth - 1);
          }
        }
      },
    ),
  );
});

test('without one of its spans the children of that one are orphans, and nothing else is', () => {
  fc.assert(
    fc.property(trees, fc.nat(), fc.constantFrom(1, -1), (whole, pick, way) => {
      // Clocks may have it that children begin before their parents.
      const spans = whole.map((one) => ({ ...one, startMs: way * one.startMs }));
      const lost = spans[pick % spans.length] as Span;
      const tree = buildTree(
        spans.filter((one) => one !== lost),
        CLIENT,
      );
      const children = spans.filter(({ parentId }) => parentId === lost.spanId).map(({ name }) => name);
      expect(tree.orphans.map(({ name }) => name).toSorted()).toEqual(children.toSorted());
      expect(tree.placed).toHaveLength(spans.length - 1);
    }),
  );
});

test('whatever parents say, every span is placed once', () => {
  const anything = fc.array(fc.record({ id: fc.nat(20), parent: fc.option(fc.nat(25)) }), { maxLength: 40 });
  fc.assert(
    fc.property(anything, (list) => {
      const spans = list.map(({ id, parent }) => span(id, parent === null ? undefined : spanId(parent)));
      const { placed, orphans, roots } = buildTree(spans, spanId(25));
      const ids = new Set(spans.map(({ spanId: id }) => id));
      expect(placed.map(({ span: { spanId: id } }) => id).toSorted()).toEqual([...ids].toSorted());
      // A circle hangs on nothing.
      const hanging = placed.length > 0 && placed.every(({ span: { parentId } }) => parentId !== spanId(25));
      if (hanging) expect(orphans.length + roots.length).toBeGreaterThan(0);
    }),
  );
});
