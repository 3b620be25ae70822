import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findConflicts, schedule } from '../../chaos/schedule.ts';
import type { Fault } from '../../lib/plan/plan.ts';

const fault = fc
  .record({
    edge: fc.constantFrom('a', 'b', 'c'),
    startMs: fc.integer({ min: 0, max: 100_000 }),
    lengthMs: fc.integer({ min: 1, max: 100_000 }),
    attributes: fc.oneof(
      fc.constant({ kind: 'down' as const }),
      fc.record({ kind: fc.constant('latency' as const), latencyMs: fc.nat(3_000), jitterMs: fc.nat(100) }),
    ),
  })
  .map(({ edge, startMs, lengthMs, attributes }) => ({ edge, startMs, endMs: startMs + lengthMs, ...attributes }));

/** Faults as the plan phase lets them through: named apart, free of conflicts. */
const faults: fc.Arbitrary<readonly Fault[]> = fc.array(fault, { maxLength: 12 }).map((list) => {
  const kept: Fault[] = [];
  for (const [index, one] of list.entries()) {
    kept.push({ ...one, name: `fault-${index}` });
    if (findConflicts(kept).length > 0) kept.pop();
  }
  return kept;
});

describe('schedule', () => {
  test('is the same for the same faults, in whatever order they are written', () => {
    fc.assert(
      fc.property(faults, (list) => {
        const once = JSON.stringify(schedule(list));
        expect(JSON.stringify(schedule(structuredClone(list)))).toBe(once);
        expect(JSON.stringify(schedule(list.toReversed()))).toBe(once);
      }),
    );
  });

  test('is in order, and every injection has its removal', () => {
    fc.assert(
      fc.property(faults, (list) => {
        const actions = schedule(list);
        expect(actions).toEqual(actions.toSorted((a, b) => a.atMs - b.atMs));
        for (const one of list) {
          const own = actions.filter((action) => action.fault === one && action.type !== 'probe');
          expect(own.map(({ type, atMs }) => [type, atMs])).toEqual([
            ['inject', one.startMs],
            ['remove', one.endMs],
          ]);
        }
      }),
    );
  });

  test('at most one fault is in force on an edge at any time', () => {
    fc.assert(
      fc.property(faults, (list) => {
        const inForce = new Map<string, number>();
        for (const { type, fault: one } of schedule(list)) {
          if (type === 'probe') continue;
          const count = (inForce.get(one.edge) ?? 0) + (type === 'inject' ? 1 : -1);
          inForce.set(one.edge, count);
          expect(count).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('no probe reaches over an injection or a removal on its edge', () => {
    fc.assert(
      fc.property(faults, (list) => {
        const actions = schedule(list);
        for (const probe of actions) {
          if (probe.type !== 'probe') continue;
          const changes = actions.filter(({ type, fault: { edge } }) => type !== 'probe' && edge === probe.fault.edge);
          const during = list.filter(
            ({ edge, startMs, endMs }) => edge === probe.fault.edge && startMs <= probe.atMs && probe.atMs < endMs,
          );
          expect(during).toEqual(probe.when === 'during' ? [probe.fault] : []);
          for (const { atMs } of changes) {
            if (atMs > probe.atMs)
              expect(probe.atMs + probe.timeoutMs).toBeLessThanOrEqual(Math.max(atMs, probe.atMs + 1));
          }
        }
      }),
    );
  });

  test('one fault, by the clock', () => {
    const one: Fault = {
      name: 'slow',
      edge: 'a',
      startMs: 10_000,
      endMs: 20_000,
      kind: 'latency',
      latencyMs: 4_000,
      jitterMs: 0,
    };
    expect(
      schedule([one]).map((action) => [
        action.atMs,
        action.type === 'probe' ? [action.when, action.timeoutMs] : action.type,
      ]),
    ).toEqual([
      [8_500, ['before', 1_500]],
      [9_000, ['before', 1_000]],
      [9_500, ['before', 500]],
      [10_000, 'inject'],
      [11_000, ['during', 8_000]],
      [13_000, ['during', 7_000]],
      [15_000, ['during', 5_000]],
      [17_000, ['during', 3_000]],
      [20_000, 'remove'],
      [20_100, ['after', 5_000]],
      [20_500, ['after', 5_000]],
      [21_000, ['after', 5_000]],
    ]);
  });
});

describe('findConflicts', () => {
  const at = (name: string, edge: string, startMs: number, endMs: number, kind: Fault['kind']): Fault =>
    kind === 'down'
      ? { name, edge, startMs, endMs, kind }
      : { name, edge, startMs, endMs, kind, latencyMs: 100, jitterMs: 0 };

  test.each([
    ['two of a kind', at('x', 'a', 0, 10, 'latency'), at('y', 'a', 5, 15, 'latency'), true],
    ['down within latency', at('x', 'a', 0, 10, 'latency'), at('y', 'a', 5, 6, 'down'), true],
    ['one after the other', at('x', 'a', 0, 10, 'latency'), at('y', 'a', 10, 20, 'down'), false],
    ['different edges', at('x', 'a', 0, 10, 'down'), at('y', 'b', 0, 10, 'down'), false],
  ])('%s', (_, a, b, conflict) => {
    expect(findConflicts([a, b])).toEqual(conflict ? [{ a, b }] : []);
    expect(findConflicts([b, a])).toEqual(conflict ? [{ a: b, b: a }] : []);
  });
});
