import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldDrills, groupWindows, nameSpans } from '../../../reports/format/windows.ts';
import type { Window } from '../../../reports/model/verdict.ts';
import { drilled } from '../fixtures.ts';

function window(name: string, startMs: number, endMs = startMs + 10): Window {
  return { name, startMs, endMs, detail: 'down' };
}

describe('groupWindows', () => {
  test('what comes again and again is one group, everything else is as it was', () => {
    const list = [window('slow', 0), window('kill-1', 20), window('kill-2', 40), window('kill-3', 60, 90)];
    expect(groupWindows(list)).toEqual([
      { ...list[0], windows: [{ startMs: 0, endMs: 10 }] },
      {
        name: 'kill ×3',
        detail: 'down',
        startMs: 20,
        endMs: 90,
        windows: list.slice(1).map(({ startMs, endMs }) => ({ startMs, endMs })),
      },
    ]);
  });

  test.each([
    ['a number alone', ['engine-2', 'engine-3'], ['engine-2', 'engine-3']],
    ['one of a series', ['kill-1'], ['kill-1']],
    ['a number that is left out', ['kill-1', 'kill-2', 'kill-4'], ['kill ×2', 'kill-4']],
    ['two series in turn', ['a-1', 'b-1', 'a-2', 'b-2'], ['a ×2', 'b ×2']],
    ['the same number twice', ['a-1', 'a-1', 'a-2'], ['a ×2', 'a-1']],
  ])('%s', (_name, names, groups) => {
    const shown = groupWindows(names.map((name, index) => window(name, index * 20)));
    expect(shown.map(({ name }) => name).toSorted()).toEqual(groups.toSorted());
  });

  test('no window is lost, whatever it is called', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('a-1', 'a-2', 'a-3', 'b-1', '__proto__-1', '-1', '\n1'));
    fc.assert(
      fc.property(fc.array(name), (names) => {
        const list = names.map((one, index) => window(one, index));
        const kept = groupWindows(list).flatMap(({ windows }) => windows);
        expect(kept.map(({ startMs }) => startMs).toSorted((a, b) => a - b)).toEqual([...list.keys()]);
      }),
    );
  });
});

test('a name ends where the next one begins', () => {
  const groups = groupWindows([window('b', 50, 90), window('a', 0, 100), window('c', 90, 95)]);
  expect(nameSpans(groups).map(({ name, startMs, endMs }) => `${name} ${startMs}–${endMs}`)).toEqual([
    'a 0–50',
    'b 50–90',
    'c 90–95',
  ]);
});

test('a drill is one phase, and its faults are one group; a drill of almost the same name stays apart', () => {
  const { phases, faults } = foldDrills(drilled());
  expect(phases.map(({ name }) => name)).toEqual(['warm-up', 'steady', 'breaker', 'retry', 'breaker-ledger']);
  expect(faults.map(({ name }) => name)).toEqual([
    'restart-engine ×50',
    'breaker: 5 faults',
    'retry-outage-orders-ledger',
    'breaker-ledger: 2 faults',
  ]);
});
