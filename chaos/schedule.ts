import type { EdgeProbe } from '../lib/observe/observations.ts';
import { type Fault, isRequestFault, isServiceFault, targetOf } from './faults/fault.ts';
import { probeOf } from './faults/kinds.ts';

/** One thing to do at a time on the run's clock (milliseconds since the load started). */
export type Action = { readonly atMs: number; readonly fault: Fault } & (
  | { readonly type: 'inject' | 'remove' | 'sign' }
  /** Sets the attribute that moves: of a ramp its value, of a flapping edge 1 (up) or 0 (down). */
  | { readonly type: 'adjust'; readonly value: number }
  | { readonly type: 'probe'; readonly when: EdgeProbe['when']; readonly timeoutMs: number }
);

const MAX_PROBE_MS = 5_000;
const BEFORE_MS = [1_500, 1_000, 500];
const DURING_SHARES = [0.1, 0.3, 0.5, 0.7];
const AFTER_MS = [100, 500, 1_000];
/** So long the edge must stay as it is, or a round trip during a fault says nothing. */
const SHORTEST_LOOK_MS = 500;
/** The last look at a fault that requests have to come for, as late as it can be. */
const LAST_SIGN_MS = 20;
const RAMP_STEP_MS = 500;

/** What comes first at the same instant: a fault must be off before the next one on its edge is on. */
const ORDER = { remove: 0, inject: 1, adjust: 2, sign: 3, probe: 4 } as const;

/**
 * Every action of a plan's faults in order. Pure: the same faults give the same list, whatever order they are written in.
 * Probes never reach over an injection or a removal on their edge, so that each measures one state.
 */
export function schedule(faults: readonly Fault[]): readonly Action[] {
  return faults
    .flatMap((fault) => {
      const others = faults.filter((other) => other !== fault && laneOf(other) === laneOf(fault));
      return [...disturbance(fault), ...adjustments(fault), ...signs(fault), ...probes(fault, others)];
    })
    .toSorted(
      (a, b) =>
        a.atMs - b.atMs ||
        ORDER[a.type] - ORDER[b.type] ||
        compare(a.fault.name, b.fault.name) ||
        compare(targetOf(a.fault), targetOf(b.fault)),
    );
}

/**
 * What is walked side by side: a removal that has to be forced on one edge or service delays nothing on another. Faults on
 * single requests don't touch the proxy that those on connections act on.
 */
export function laneOf(fault: Fault): string {
  if (isServiceFault(fault)) return `service ${fault.service}`;
  return `${isRequestFault(fault) ? 'requests' : 'connections'} ${fault.edge}`;
}

function disturbance(fault: Fault): readonly Action[] {
  return [
    { type: 'inject', atMs: fault.startMs, fault },
    { type: 'remove', atMs: fault.endMs, fault },
  ];
}

function adjustments(fault: Fault): readonly Action[] {
  const { startMs, endMs } = fault;
  if (fault.kind === 'flapping') {
    const { downMs, upMs } = fault;
    const turns = Math.ceil((endMs - startMs) / (downMs + upMs));
    return Array.from({ length: turns }, (_, turn) => startMs + turn * (downMs + upMs))
      .flatMap((atMs): Action[] => [
        ...(atMs > startMs ? [{ type: 'adjust', atMs, value: 0, fault } as const] : []),
        { type: 'adjust', atMs: atMs + downMs, value: 1, fault },
      ])
      .filter(({ atMs }) => atMs < endMs);
  }
  if (!('ramp' in fault) || fault.ramp === undefined) return [];
  const { from, to } = fault.ramp;
  const steps = Math.ceil((endMs - startMs) / RAMP_STEP_MS) - 1;
  return Array.from({ length: Math.max(0, steps) }, (_, index): Action => {
    const atMs = startMs + (index + 1) * RAMP_STEP_MS;
    // Rounded: the last bits of a quotient must not decide whether two schedules are the same.
    const value = Number((from + ((to - from) * (atMs - startMs)) / (endMs - startMs)).toFixed(6));
    return { type: 'adjust', atMs, value, fault };
  });
}

function signs(fault: Fault): readonly Action[] {
  if (probeOf(fault) !== undefined) return [];
  const { startMs, endMs } = fault;
  const lengthMs = endMs - startMs;
  const lastMs = Math.max(startMs, endMs - LAST_SIGN_MS);
  return [...DURING_SHARES.map((share) => Math.floor(startMs + share * lengthMs)), lastMs].map((atMs) => ({
    type: 'sign',
    atMs,
    fault,
  }));
}

function probes(fault: Fault, others: readonly Fault[]): readonly Action[] {
  if (isServiceFault(fault) || isRequestFault(fault)) return [];
  const { startMs, endMs } = fault;
  const starts = others.map((other) => other.startMs);
  const ends = others.map((other) => other.endMs);
  // Others may be in force at the same time. One that begins or ends together with this one has no state of its own.
  const quietFromMs = Math.max(0, ...starts.filter((ms) => ms < startMs), ...ends.filter((ms) => ms <= startMs));
  const quietToMs = Math.min(Infinity, ...starts.filter((ms) => ms >= endMs), ...ends.filter((ms) => ms > endMs));
  const nextMs = (atMs: number) => Math.min(Infinity, ...[...starts, ...ends].filter((ms) => ms > atMs));
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
    ...duringMs(fault)
      .filter((atMs) => nextMs(atMs) >= Math.min(atMs + SHORTEST_LOOK_MS, endMs))
      .map((atMs) => probe('during', atMs, Math.min(nextMs(atMs), endMs))),
    ...AFTER_MS.map((ms) => endMs + ms)
      .filter((atMs) => atMs < quietToMs)
      .map((atMs) => probe('after', atMs, quietToMs)),
  ];
}

/** A flapping edge is looked at in the middle of its first stretches of being down and of being up. */
function duringMs(fault: Fault): readonly number[] {
  const { startMs, endMs } = fault;
  if (fault.kind !== 'flapping') {
    return DURING_SHARES.map((share) => Math.floor(startMs + share * (endMs - startMs)));
  }
  const { downMs, upMs } = fault;
  return [0, 1, 2]
    .flatMap((turn) => {
      const turnMs = startMs + turn * (downMs + upMs);
      return [turnMs + downMs / 2, turnMs + downMs + upMs / 2];
    })
    .map(Math.floor)
    .filter((atMs) => atMs < endMs);
}

/** A probe that waits for a delayed reply must be able to see the whole delay. */
function probeLimitMs(fault: Fault, when: EdgeProbe['when']): number {
  if (fault.kind === 'flapping') return Math.min(MAX_PROBE_MS, fault.downMs / 2, fault.upMs / 2);
  if (when !== 'during') return MAX_PROBE_MS;
  if (fault.kind === 'latency') return Math.max(MAX_PROBE_MS, 2 * (fault.latencyMs + fault.jitterMs));
  return fault.kind === 'slow-close' ? Math.max(MAX_PROBE_MS, 2 * fault.delayMs) : MAX_PROBE_MS;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
