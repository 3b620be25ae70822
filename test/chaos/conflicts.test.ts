import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findConflicts } from '../../chaos/conflicts.ts';
import type { Fault } from '../../lib/plan/plan.ts';
import { aFault } from './arbitraries.ts';

const stream = { edge: 'a', direction: 'replies', connections: 1 } as const;
const [startMs, endMs] = [0, 10];
const latency: Fault = { name: 'latency', startMs, endMs, ...stream, kind: 'latency', latencyMs: 100, jitterMs: 0 };
const slicer: Fault = {
  name: 'slicer',
  startMs,
  endMs,
  ...stream,
  kind: 'slicer',
  averageBytes: 9,
  variationBytes: 0,
  delayMs: 0,
};
const down: Fault = { name: 'down', startMs, endMs, edge: 'a', kind: 'down' };
const flapping: Fault = { name: 'flapping', startMs, endMs, edge: 'a', kind: 'flapping', downMs: 1, upMs: 1 };
const hang: Fault = { name: 'hang', startMs, endMs, edge: 'a', kind: 'request-hang', seed: 1 };
const on = (service: string, own: object): Fault => ({ name: 'x', startMs, endMs, service, ...own }) as Fault;
const cpu = on('s', { kind: 'cpu-pressure', cores: 1 });
const memory = on('s', { kind: 'memory-pressure', limitBytes: 1 });
const disk = on('s', { kind: 'disk-full', sizeBytes: 2, leaveBytes: 1 });
const kill = on('s', { kind: 'kill' });

const SAME = 'are on the same edge at the same time, and would be one fault with the attributes of the later';
const CUT = 'are on the same edge at the same time, and nothing passes that the other could act on';
const SERVICE = 'are on the same service at the same time, and one would undo the other';

describe('findConflicts', () => {
  test.each<[string, Fault, Fault, string | undefined]>([
    ['two of a kind', latency, { ...latency, name: 'other', startMs: 5, endMs: 15 }, SAME],
    ['two of a kind, one share of the connections each', latency, { ...latency, connections: 0.5 }, SAME],
    ['two of a kind in both directions', latency, { ...latency, direction: 'requests' }, undefined],
    ['two kinds in one direction', latency, slicer, undefined],
    ['down within latency', latency, { ...down, startMs: 5, endMs: 6 }, CUT],
    ['flapping and latency', flapping, latency, CUT],
    ['flapping and down', flapping, down, CUT],
    ['one after the other', latency, { ...down, startMs: 10, endMs: 20 }, undefined],
    ['different edges', down, { ...down, edge: 'b' }, undefined],
    ['single requests and connections', hang, down, undefined],
    ['single requests twice', hang, { ...hang, name: 'other' }, undefined],
    ['an edge and a service', down, kill, undefined],
    ['two services', kill, on('t', { kind: 'kill' }), undefined],
    ['an end twice', kill, on('s', { kind: 'restart' }), SERVICE],
    ['a pause and an end', on('s', { kind: 'pause' }), kill, SERVICE],
    ['a limit and an end', cpu, kill, SERVICE],
    ['a limit and a pause', memory, on('s', { kind: 'pause' }), SERVICE],
    ['limits of different things', cpu, memory, undefined],
    ['limits of other things', memory, disk, undefined],
    ['one limit twice', cpu, { ...cpu, startMs: 9, endMs: 12 }, SERVICE],
    ['a limit after an end', { ...cpu, startMs: 10, endMs: 20 }, kill, undefined],
  ])('%s', (_, a, b, why) => {
    expect(findConflicts([a, b])).toEqual(why === undefined ? [] : [{ a, b, why }]);
    expect(findConflicts([b, a])).toEqual(why === undefined ? [] : [{ a: b, b: a, why }]);
  });

  test('names each pair once, whichever comes first', () => {
    fc.assert(
      fc.property(fc.array(aFault, { maxLength: 8 }), (list) => {
        const named = list.map((fault, index): Fault => ({ ...fault, name: `fault-${index}` }));
        const pairs = (faults: readonly Fault[]) =>
          findConflicts(faults)
            .map(({ a, b, why }) => `${[a.name, b.name].toSorted().join(' ')} ${why}`)
            .toSorted();
        expect(pairs(named.toReversed())).toEqual(pairs(named));
        expect(new Set(pairs(named)).size).toBe(pairs(named).length);
        for (const { a, b } of findConflicts(named)) {
          expect(a).not.toBe(b);
          expect(Math.max(a.startMs, b.startMs)).toBeLessThan(Math.min(a.endMs, b.endMs));
        }
      }),
    );
  });
});
