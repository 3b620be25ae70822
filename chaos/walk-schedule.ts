import type { RunContext } from '../lib/context.ts';
import { CleanupError, EnvironmentError } from '../lib/errors.ts';
import type { EdgeProbe, FaultObservation, SignObservation } from '../lib/observe/observations.ts';
import type { Plan } from '../lib/plan/plan.ts';
import type { ProxiedEdge } from './edge.ts';
import { type BoundFault, bindFault } from './faults/bind-fault.ts';
import type { TapTarget } from './faults/fault-kind.ts';
import { type Fault, targetOf } from './faults/fault.ts';
import { probeOf } from './faults/kinds.ts';
import { type LeaseHolder, leaseOf } from './lease.ts';
import { probeEdge } from './probe.ts';
import { type Action, laneOf, schedule } from './schedule.ts';
import type { ServiceControl } from './service-control.ts';
import { waitUntil } from './wait-until.ts';

export interface WalkOptions {
  readonly plan: Pick<Plan, 'faults'>;
  readonly edges: ReadonlyMap<string, ProxiedEdge>;
  /** Services that the harness started, by name. */
  readonly services: ReadonlyMap<string, ServiceControl>;
  readonly tap: TapTarget | undefined;
  readonly context: RunContext;
  /** Takes away what this process could not. */
  readonly leases: LeaseHolder;
  /** Milliseconds since the load's start, from a monotonic clock. */
  readonly nowMs: () => number;
  /** Asked once, when the first fault is due; "stop": nothing is injected at all. */
  readonly beforeFirstFault: () => Promise<'go' | 'stop'>;
  /** Ends the walk: what is in force is removed, what was not yet is left out. */
  readonly signal: AbortSignal;
}

/** What the walk saw; the evidence counters are the observer's. */
export type WalkedFault = Omit<FaultObservation, 'evidence'>;

/**
 * Walks the faults' schedule on the run's clock and says what it saw. Lanes are walked side by side, so that a removal
 * that has to be forced on one edge delays nothing on another. Returns when the last action is done or `signal` is aborted;
 * either way every fault that was injected has been seen to be gone.
 *
 * CleanupError: a fault could not be shown to be gone. EnvironmentError: a fault could not be injected; the others are
 * removed first.
 */
export async function walkSchedule(options: WalkOptions): Promise<readonly WalkedFault[]> {
  const { plan, signal } = options;
  const failed = new AbortController();
  let gate: Promise<'go' | 'stop'> | undefined;
  const walk: Walk = {
    ...options,
    records: new Map(
      plan.faults.map((fault) => [fault, { injectedMs: undefined, removedMs: undefined, probes: [], signs: [] }]),
    ),
    stop: AbortSignal.any([signal, failed.signal]),
    gate: () => (gate ??= options.beforeFirstFault()),
    end: () => failed.abort(),
  };
  const lanes = Map.groupBy(schedule(plan.faults), ({ fault }) => laneOf(fault));
  const results = await Promise.allSettled(
    [...lanes.values()].map(async (actions) => {
      try {
        await walkLane(actions, walk);
      } catch (error) {
        failed.abort();
        throw error;
      }
    }),
  );
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  const worst = errors.find((error) => error instanceof CleanupError) ?? errors[0];
  if (worst !== undefined) throw worst;
  return plan.faults.map((fault) => observe(fault, walk));
}

interface FaultRecord {
  injectedMs: number | undefined;
  removedMs: number | undefined;
  readonly probes: EdgeProbe[];
  readonly signs: SignObservation[];
}

interface Walk extends WalkOptions {
  readonly records: ReadonlyMap<Fault, FaultRecord>;
  /** Aborted by the caller, or because a lane failed or the steady state did not hold. */
  readonly stop: AbortSignal;
  readonly gate: () => Promise<'go' | 'stop'>;
  readonly end: () => void;
}

/** The actions of one lane, in order; whatever happens, nothing of it is in force afterwards. */
async function walkLane(actions: readonly Action[], walk: Walk): Promise<void> {
  const inForce = new Map<Fault, BoundFault>();
  const probing: Promise<void>[] = [];
  try {
    for (const action of actions) {
      if (!(await waitUntil(action.atMs, walk.nowMs, walk.stop))) return;
      const { fault } = action;
      switch (action.type) {
        case 'probe':
          // Not waited for: an answer that is late must not make the next action late.
          probing.push(probe(action, walk));
          break;
        case 'sign':
          await look(fault, inForce.get(fault), walk);
          break;
        case 'adjust':
          await inForce.get(fault)?.adjust(action.value);
          break;
        case 'inject':
          if ((await walk.gate()) === 'stop') {
            walk.end();
            return;
          }
          // The answer may have taken its time, and the run may have ended meanwhile.
          if (walk.stop.aborted) return;
          await inject(fault, inForce, walk);
          break;
        case 'remove':
          await remove(fault, inForce, walk);
          break;
        default:
          action satisfies never;
      }
    }
  } finally {
    await removeAll(inForce, walk);
    await Promise.all(probing);
  }
}

async function inject(fault: Fault, inForce: Map<Fault, BoundFault>, walk: Walk): Promise<void> {
  const bound = bindFault(fault, walk);
  // Before the call: when it fails, it may have done its work all the same.
  inForce.set(fault, bound);
  const lease = leaseOf(fault, walk);
  if (lease !== undefined) walk.leases.lease(lease);
  await bound.inject();
  const injectedMs = walk.nowMs();
  recordOf(fault, walk).injectedMs = injectedMs;
  const { name, kind, startMs } = fault;
  const target = targetOf(fault);
  walk.context.journal.record('fault-injected', { fault: name, kind, target, plannedMs: startMs, atMs: injectedMs });
  walk.context.progress(`fault ${name}: injected on ${target}`);
}

async function remove(fault: Fault, inForce: Map<Fault, BoundFault>, walk: Walk): Promise<void> {
  const bound = inForce.get(fault);
  if (bound === undefined) return;
  inForce.delete(fault);
  await bound.remove();
  walk.leases.endLease(fault.name);
  const record = recordOf(fault, walk);
  const removedMs = walk.nowMs();
  if (record.injectedMs !== undefined) record.removedMs = removedMs;
  const { name, kind, endMs } = fault;
  const target = targetOf(fault);
  walk.context.journal.record('fault-removed', { fault: name, kind, target, plannedMs: endMs, atMs: removedMs });
  walk.context.progress(`fault ${name}: removed from ${target}, verified`);
}

/** Removes all, each on its own: one that resists must not keep the others in force. */
async function removeAll(inForce: Map<Fault, BoundFault>, walk: Walk): Promise<void> {
  const results = await Promise.allSettled([...inForce.keys()].map((fault) => remove(fault, inForce, walk)));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** A look that fails has seen nothing. */
async function look(fault: Fault, bound: BoundFault | undefined, walk: Walk): Promise<void> {
  if (bound === undefined) return;
  const atMs = walk.nowMs();
  try {
    const sign = await bound.sign();
    if (sign !== undefined) recordOf(fault, walk).signs.push({ atMs, ...sign });
  } catch (error) {
    recordOf(fault, walk).signs.push({ atMs, seen: false, detail: (error as Error).message });
  }
}

async function probe(action: Action & { type: 'probe' }, walk: Walk): Promise<void> {
  const { fault, when, timeoutMs } = action;
  const { proxy, protocol } = edgeOf(fault, walk);
  const atMs = walk.nowMs();
  const mode = probeOf(fault)?.mode ?? 'round-trip';
  const result = await probeEdge({ listen: proxy.listen, protocol, mode }, timeoutMs, walk.stop);
  // Cut off by the end of the walk: says nothing about the edge.
  if (result.error === 'aborted') return;
  recordOf(fault, walk).probes.push({ atMs, when, ...result });
}

function observe(fault: Fault, walk: Walk): WalkedFault {
  const { injectedMs, removedMs, probes, signs } = recordOf(fault, walk);
  const { name, kind } = fault;
  const inOrder = probes.toSorted((a, b) => a.atMs - b.atMs);
  return { name, kind, target: targetOf(fault), injectedMs, removedMs, probes: inOrder, signs };
}

function recordOf(fault: Fault, walk: Walk): FaultRecord {
  const record = walk.records.get(fault);
  if (record === undefined) throw new Error(`fault ${fault.name} is not in the plan`);
  return record;
}

function edgeOf(fault: Fault, walk: Walk): ProxiedEdge {
  const edge = walk.edges.get(targetOf(fault));
  if (edge === undefined) throw new EnvironmentError('no-such-edge', `no proxy on edge "${targetOf(fault)}"`);
  return edge;
}
