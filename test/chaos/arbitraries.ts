import * as fc from 'fast-check';
import { findConflicts } from '../../chaos/conflicts.ts';
import type { Fault } from '../../lib/plan/plan.ts';

const ms = (min: number, max: number) => fc.integer({ min, max });
/** Often at the same instant as another: whole half seconds. */
const times = fc.oneof(
  fc.tuple(ms(0, 60_000), ms(1, 60_000)),
  fc.tuple(ms(0, 20), ms(1, 20)).map(([start, length]): [number, number] => [start * 500, length * 500]),
);
const direction = fc.constantFrom('replies' as const, 'requests' as const);
const connections = fc.constantFrom(1, 0.5);
const stream = { direction, connections };
const ramp = (max: number) =>
  fc.option(fc.record({ from: fc.double({ min: 1, max, noNaN: true }), to: fc.double({ min: 1, max, noNaN: true }) }), {
    nil: undefined,
  });
const turn = fc.oneof(ms(10, 5_000), fc.constantFrom(500, 1_000));
const requests = { seed: fc.nat(), share: fc.constant(0.5) };

const edgeFault = fc
  .tuple(
    fc.constantFrom('a', 'b'),
    fc.oneof(
      fc
        .record({
          kind: fc.constant('latency'),
          ...stream,
          latencyMs: ms(1, 3_000),
          jitterMs: ms(0, 100),
          ramp: ramp(3_000),
        })
        .map((fault) => defined(fault)),
      fc
        .record({ kind: fc.constant('bandwidth'), ...stream, bytesPerSecond: ms(1_000, 10 ** 7), ramp: ramp(10 ** 7) })
        .map((fault) => defined(fault)),
      fc.record({ kind: fc.constant('slow-close'), ...stream, delayMs: ms(1, 8_000) }),
      fc.record({ kind: fc.constant('timeout'), ...stream, closeAfterMs: ms(0, 1_000) }),
      fc.record({ kind: fc.constant('reset'), ...stream, afterMs: ms(0, 1_000) }),
      fc.record({ kind: fc.constant('limit-data'), ...stream, bytes: ms(1, 1_000) }),
      fc.record({ kind: fc.constant('down') }),
      fc.record({ kind: fc.constant('flapping'), downMs: turn, upMs: turn }),
      fc.record({ kind: fc.constant('request-hang'), ...requests }),
      fc.record({ kind: fc.constant('request-fail'), ...requests, status: fc.constant(503) }),
    ),
  )
  .map(([edge, own]) => ({ edge, ...own }));

const serviceFault = fc
  .tuple(
    fc.constantFrom('x', 'y'),
    fc.oneof(
      fc.record({ kind: fc.constantFrom('kill', 'terminate', 'restart', 'pause') }),
      fc
        .record({ kind: fc.constant('cpu-pressure'), cores: fc.constant(0.5), ramp: ramp(4) })
        .map((fault) => defined(fault)),
      fc.record({ kind: fc.constant('memory-pressure'), limitBytes: fc.constant(10 ** 8) }),
    ),
  )
  .map(([service, own]) => ({ service, ...own }));

/** A fault of any kind, somewhere in the first two minutes. */
export const aFault: fc.Arbitrary<Fault> = fc
  .tuple(fc.oneof({ arbitrary: edgeFault, weight: 3 }, serviceFault), times, fc.stringMatching(/^[a-z]{4}$/))
  // The kinds differ in their attributes only.
  .map(([own, [startMs, lengthMs], name]) => ({ name, startMs, endMs: startMs + lengthMs, ...own }) as Fault);

/** Faults as the plan phase lets them through: named apart, free of conflicts. */
export const faults: fc.Arbitrary<readonly Fault[]> = fc.array(aFault, { maxLength: 12 }).map((list) => {
  const kept: Fault[] = [];
  for (const [index, one] of list.entries()) {
    kept.push({ ...one, name: `fault-${index}` });
    if (findConflicts(kept).length > 0) kept.pop();
  }
  return kept;
});

/** Without what is undefined, as a plan is. */
function defined<T extends object>(fault: T): T {
  return Object.fromEntries(Object.entries(fault).filter(([, value]) => value !== undefined)) as T;
}
