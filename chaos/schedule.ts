import type { EdgeProbe } from '../lib/observe/observations.ts';
import type { Fault } from '../lib/plan/plan.ts';

/** One thing to do at a time on the run's clock (milliseconds since the load started). */
export type Action = { readonly atMs: number; readonly fault: Fault } & (
  | { readonly type: 'inject' | 'remove' }
  | { readonly type: 'probe'; readonly when: EdgeProbe['when']; readonly timeoutMs: number }
);

const MAX_PROBE_MS = 5_000;
const BEFORE_MS = [1_500, 1_000, 500];
const DURING_SHARES = [0.1, 0.3, 0.5, 0.7];
const AFTER_MS = [100, 500, 1_000];

/** What comes first at the same instant: a fault must be off before the next one on its edge is on. */
const ORDER = { remove: 0, inject: 1, probe: 2 } as const;

/**
 * Every action of a plan's faults in order. Pure: the same faults give the same list, whatever order they are written in.
 * Probes never reach over an injection or a removal on their edge, so that each measures one state.
 */
export function schedule(faults: readonly Fault[]): readonly Action[] {
  return faults
    .flatMap((fault) => {
      const others = faults.filter((other) => other !== fault && other.edge === fault.edge);
      return [...disturbance(fault), ...probes(fault, others)];
    })
    .toSorted((a, b) => a.atMs - b.atMs || ORDER[a.type] - ORDER[b.type] || compare(a.fault.name, b.fault.name) || 0);
}

export interface Conflict {
  readonly a: Fault;
  readonly b: Fault;
}

/**
 * Pairs of faults that cannot be in force at the same time: two of the same kind on one edge (they would be one fault
 * with the attributes of the later), and anything together with `down` (nothing passes that it could act on).
 */
export function findConflicts(faults: readonly Fault[]): readonly Conflict[] {
  return faults.flatMap((a, index) => faults.slice(index + 1).flatMap((b) => (conflicts(a, b) ? [{ a, b }] : [])));
}

function conflicts(a: Fault, b: Fault): boolean {
  const overlap = a.edge === b.edge && a.startMs < b.endMs && b.startMs < a.endMs;
  return overlap && (a.kind === b.kind || a.kind === 'down' || b.kind === 'down');
}

function disturbance(fault: Fault): readonly Action[] {
  return [
    { type: 'inject', atMs: fault.startMs, fault },
    { type: 'remove', atMs: fault.endMs, fault },
  ];
}

function probes(fault: Fault, others: readonly Fault[]): readonly Action[] {
  const { startMs, endMs } = fault;
  const quietFromMs = Math.max(0, ...others.map((other) => other.endMs).filter((ms) => ms <= startMs));
  const quietToMs = Math.min(Infinity, ...others.map((other) => other.startMs).filter((ms) => ms >= endMs));
  const probe = (when: EdgeProbe['when'], atMs: number, untilMs: number): Action => ({
    type: 'probe',
    atMs,
    fault,
    when,
    timeoutMs: Math.max(1, Math.floor(Math.min(probeLimitMs(fault, when), untilMs - atMs))),
  });
  return [
    ...BEFORE_MS.map((ms) => startMs - ms)
      .filter((atMs) => atMs >= quietFromMs)
      .map((atMs) => probe('before', atMs, startMs)),
    ...DURING_SHARES.map((share) => Math.floor(startMs + share * (endMs - startMs))).map((atMs) =>
      probe('during', atMs, endMs),
    ),
    ...AFTER_MS.map((ms) => endMs + ms)
      .filter((atMs) => atMs < quietToMs)
      .map((atMs) => probe('after', atMs, quietToMs)),
  ];
}

/** A probe that waits for a delayed reply must be able to see the whole delay. */
function probeLimitMs(fault: Fault, when: EdgeProbe['when']): number {
  if (when !== 'during' || fault.kind !== 'latency') return MAX_PROBE_MS;
  return Math.max(MAX_PROBE_MS, 2 * (fault.latencyMs + fault.jitterMs));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
