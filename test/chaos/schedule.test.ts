import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRequestFault, isServiceFault } from '../../chaos/faults/fault.ts';
import { probeOf } from '../../chaos/faults/kinds.ts';
import { type Action, laneOf, schedule } from '../../chaos/schedule.ts';
import type { Fault } from '../../lib/plan/plan.ts';
import { faults } from './arbitraries.ts';

const ownActions = (actions: readonly Action[], fault: Fault) => actions.filter((action) => action.fault === fault);
const isChange = ({ type }: Action) => type === 'inject' || type === 'remove';

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
          expect(
            ownActions(actions, one)
              .filter(isChange)
              .map(({ type, atMs }) => [type, atMs]),
          ).toEqual([
            ['inject', one.startMs],
            ['remove', one.endMs],
          ]);
        }
      }),
    );
  });

  test('what acts or looks at a fault comes after its injection and before its removal', () => {
    fc.assert(
      fc.property(faults, (list) => {
        const actions = schedule(list);
        for (const one of list) {
          const own = ownActions(actions, one);
          const [from, to] = [
            own.findIndex(({ type }) => type === 'inject'),
            own.findIndex(({ type }) => type === 'remove'),
          ];
          for (const [index, action] of own.entries()) {
            const inForce = action.type === 'adjust' || action.type === 'sign';
            if (!inForce && !(action.type === 'probe' && action.when === 'during')) continue;
            expect(index).toBeGreaterThan(from);
            expect(index).toBeLessThan(to);
          }
          expect(own.some(({ type }) => type === 'sign')).toBe(probeOf(one) === undefined);
        }
      }),
    );
  });

  test('at the same instant, what ends is over before what begins', () => {
    fc.assert(
      fc.property(faults, (list) => {
        const actions = schedule(list);
        for (const [index, { type, atMs }] of actions.entries()) {
          if (type !== 'inject') continue;
          expect(actions.slice(index).filter((later) => later.type === 'remove' && later.atMs === atMs)).toEqual([]);
        }
      }),
    );
  });

  test('one that cuts an edge is alone on it', () => {
    fc.assert(
      fc.property(faults, (list) => {
        const inForce = new Map<string, Fault[]>();
        for (const { type, fault } of schedule(list)) {
          if (type !== 'inject' && type !== 'remove') continue;
          const others = (inForce.get(laneOf(fault)) ?? []).filter((other) => other !== fault);
          const now = type === 'inject' ? [...others, fault] : others;
          inForce.set(laneOf(fault), now);
          const isCut = now.some(({ kind }) => kind === 'down' || kind === 'flapping');
          expect(now.length > 1 && isCut).toBe(false);
        }
      }),
    );
  });

  test('no probe reaches over an injection or a removal on its edge, and each is made while it should be', () => {
    fc.assert(
      fc.property(faults, (list) => {
        const actions = schedule(list);
        for (const probe of actions) {
          if (probe.type !== 'probe') continue;
          const { fault, when, atMs, timeoutMs } = probe;
          const inForce = fault.startMs <= atMs && atMs < fault.endMs;
          expect(inForce).toBe(when === 'during');
          const endMs = atMs + timeoutMs;
          const lane = actions.filter((action) => isChange(action) && laneOf(action.fault) === laneOf(fault));
          for (const change of lane) {
            if (change.atMs > atMs) expect(endMs).toBeLessThanOrEqual(Math.max(change.atMs, atMs + 1));
          }
          // Before and after, nothing of the edge changes between the probe and the fault.
          const [fromMs, toMs] = when === 'before' ? [atMs, fault.startMs] : [fault.endMs, atMs];
          if (when === 'during') continue;
          for (const change of lane) {
            expect(change.fault !== fault && fromMs < change.atMs && change.atMs < toMs).toBe(false);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a service, or single requests, are not probed', () => {
    fc.assert(
      fc.property(faults, (list) => {
        const probed = schedule(list).filter(({ type }) => type === 'probe');
        expect(probed.filter(({ fault }) => isServiceFault(fault) || isRequestFault(fault))).toEqual([]);
      }),
    );
  });

  test('a ramp goes from one end to the other without turning back', () => {
    fc.assert(
      fc.property(faults, (list) => {
        const actions = schedule(list);
        for (const one of list) {
          if (!('ramp' in one) || one.ramp === undefined) continue;
          const { from, to } = one.ramp;
          const values = ownActions(actions, one).flatMap((action) => (action.type === 'adjust' ? [action.value] : []));
          const sign = to >= from ? 1 : -1;
          const [low, high] = [Math.min(from, to) - 1e-6, Math.max(from, to) + 1e-6];
          for (const [index, value] of values.entries()) {
            expect(value).toBeGreaterThanOrEqual(low);
            expect(value).toBeLessThanOrEqual(high);
            expect(sign * (value - (values[index - 1] ?? from))).toBeGreaterThanOrEqual(-1e-6);
          }
          // Every half second, but not at its very ends.
          expect(values).toHaveLength(Math.ceil((one.endMs - one.startMs) / 500) - 1);
        }
      }),
    );
  });

  test('a flapping edge is up and down in turn, each for its time, and never after its end', () => {
    fc.assert(
      fc.property(faults, (list) => {
        const actions = schedule(list);
        for (const one of list) {
          if (one.kind !== 'flapping') continue;
          const turns = ownActions(actions, one).flatMap((action) =>
            action.type === 'adjust' ? [{ atMs: action.atMs, value: action.value }] : [],
          );
          let lastMs = one.startMs;
          for (const [index, { atMs, value }] of turns.entries()) {
            expect(value).toBe(index % 2 === 0 ? 1 : 0);
            expect(atMs - lastMs).toBe(value === 1 ? one.downMs : one.upMs);
            lastMs = atMs;
          }
          expect(lastMs).toBeLessThan(one.endMs);
          expect(one.endMs - lastMs).toBeLessThanOrEqual(Math.max(one.downMs, one.upMs));
        }
      }),
    );
  });
});

type Row = readonly [atMs: number, what: unknown];

function rows(list: readonly Fault[], only = list): Row[] {
  return schedule(list)
    .filter(({ fault }) => only.includes(fault))
    .map((action): Row => {
      if (action.type === 'probe') return [action.atMs, [action.when, action.timeoutMs]];
      return [action.atMs, action.type === 'adjust' ? ['adjust', action.value] : action.type];
    });
}

describe('by the clock', () => {
  const stream = { direction: 'replies', connections: 1 } as const;
  const slow: Fault = {
    name: 'slow',
    edge: 'a',
    startMs: 10_000,
    endMs: 20_000,
    kind: 'latency',
    ...stream,
    latencyMs: 4_000,
    jitterMs: 0,
  };

  test('one fault', () => {
    expect(rows([slow])).toEqual([
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

  test('one that moves', () => {
    const ramp = { from: 0, to: 300 };
    const moving = { ...slow, endMs: 11_500, latencyMs: 300, ramp };
    expect(rows([moving]).filter(([, what]) => String(what).startsWith('adjust'))).toEqual([
      [10_500, ['adjust', 100]],
      [11_000, ['adjust', 200]],
    ]);
  });

  test('one that flaps', () => {
    const flapping: Fault = {
      name: 'loose',
      edge: 'a',
      startMs: 10_000,
      endMs: 12_500,
      kind: 'flapping',
      downMs: 400,
      upMs: 600,
    };
    expect(rows([flapping]).filter(([atMs]) => atMs >= 10_000)).toEqual([
      [10_000, 'inject'],
      [10_200, ['during', 200]],
      [10_400, ['adjust', 1]],
      [10_700, ['during', 200]],
      [11_000, ['adjust', 0]],
      [11_200, ['during', 200]],
      [11_400, ['adjust', 1]],
      [11_700, ['during', 200]],
      [12_000, ['adjust', 0]],
      [12_200, ['during', 200]],
      [12_400, ['adjust', 1]],
      [12_500, 'remove'],
      [12_600, ['after', 200]],
      [13_000, ['after', 200]],
      [13_500, ['after', 200]],
    ]);
  });

  test('one that ends as a turn does: the turn is left out', () => {
    const flapping: Fault = {
      name: 'loose',
      edge: 'a',
      startMs: 0,
      endMs: 2_000,
      kind: 'flapping',
      downMs: 400,
      upMs: 600,
    };
    const turns = rows([flapping]).filter(([, what]) => String(what).startsWith('adjust'));
    expect(turns).toEqual([
      [400, ['adjust', 1]],
      [1_000, ['adjust', 0]],
      [1_400, ['adjust', 1]],
    ]);
  });

  test('one that begins when another ends', () => {
    const down: Fault = { name: 'gone', edge: 'a', startMs: 20_000, endMs: 21_000, kind: 'down' };
    const changes = schedule([down, slow]).flatMap(({ type, fault: { name } }) =>
      type === 'inject' || type === 'remove' ? [[type, name]] : [],
    );
    expect(changes).toEqual([
      ['inject', 'slow'],
      ['remove', 'slow'],
      ['inject', 'gone'],
      ['remove', 'gone'],
    ]);
  });

  test('one that is seen by what it does', () => {
    const some: Fault = { ...slow, connections: 0.5 };
    const hang: Fault = { name: 'hang', edge: 'a', startMs: 10_000, endMs: 20_000, kind: 'request-hang', seed: 1 };
    const looks: readonly Row[] = [
      [10_000, 'inject'],
      [11_000, 'sign'],
      [13_000, 'sign'],
      [15_000, 'sign'],
      [17_000, 'sign'],
      [19_980, 'sign'],
      [20_000, 'remove'],
    ];
    expect(rows([hang])).toEqual(looks);
    expect(rows([some])).toEqual(expect.arrayContaining([...looks]));
  });

  test('another that begins and ends while it is in force', () => {
    const other: Fault = { ...slow, name: 'requests', direction: 'requests', startMs: 12_000, endMs: 15_400 };
    expect(rows([slow, other], [slow])).toEqual([
      [8_500, ['before', 1_500]],
      [9_000, ['before', 1_000]],
      [9_500, ['before', 500]],
      [10_000, 'inject'],
      [11_000, ['during', 1_000]],
      [13_000, ['during', 2_400]],
      // Not at 15 s: 0.4 s of one state are too few.
      [17_000, ['during', 3_000]],
      [20_000, 'remove'],
      [20_100, ['after', 5_000]],
      [20_500, ['after', 5_000]],
      [21_000, ['after', 5_000]],
    ]);
    const shown = rows([slow, other], [other]).filter(([, what]) => Array.isArray(what));
    expect(shown.at(0)).toEqual([10_500, ['before', 1_500]]);
    expect(shown.at(-1)).toEqual([16_400, ['after', 3_600]]);
  });

  test('another that begins and ends with it', () => {
    const other: Fault = { ...slow, name: 'requests', direction: 'requests' };
    expect(rows([slow, other], [slow])).toEqual(rows([slow]));
    expect(rows([slow, other], [other])).toEqual(rows([other]));
  });
});
