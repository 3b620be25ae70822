import { setTimeout as delay } from 'node:timers/promises';
import type { RunContext } from '../lib/context.ts';
import { CleanupError, EnvironmentError } from '../lib/errors.ts';
import type { CounterSample, EdgeProbe, FaultObservation } from '../lib/observe/observations.ts';
import type { Fault, Plan } from '../lib/plan/plan.ts';
import type { ProxiedEdge } from './edge.ts';
import { type BoundFault, bindFault } from './faults/bind-fault.ts';
import { probeEdge } from './probe.ts';
import { type Action, schedule } from './schedule.ts';

export interface WalkOptions {
  readonly plan: Plan;
  readonly edges: ReadonlyMap<string, ProxiedEdge>;
  readonly context: RunContext;
  /** Milliseconds since the load's start, from a monotonic clock. */
  readonly nowMs: () => number;
  /** Asked once, when the first fault is due; "stop": nothing is injected at all. */
  readonly beforeFirstFault: () => Promise<'go' | 'stop'>;
  /** Samples of the edge's evidence counter so far; undefined when it has none. */
  readonly evidence: (edge: string) => readonly CounterSample[] | undefined;
  /** Ends the walk: what is in force is removed, what was not yet is left out. */
  readonly signal: AbortSignal;
}

/**
 * Walks the faults' schedule on the run's clock and says what it saw. Edges are walked side by side, so that a removal
 * that has to be forced on one delays nothing on another. Returns when the last action is done or `signal` is aborted;
 * either way every fault that was injected has been seen to be gone.
 *
 * CleanupError: a fault could not be shown to be gone. EnvironmentError: a fault could not be injected; the others are
 * removed first.
 */
export async function walkSchedule(options: WalkOptions): Promise<readonly FaultObservation[]> {
  const { plan, signal } = options;
  const failed = new AbortController();
  let gate: Promise<'go' | 'stop'> | undefined;
  const walk: Walk = {
    ...options,
    records: new Map(plan.faults.map((fault) => [fault, { injectedMs: undefined, removedMs: undefined, probes: [] }])),
    stop: AbortSignal.any([signal, failed.signal]),
    gate: () => (gate ??= options.beforeFirstFault()),
    end: () => failed.abort(),
  };
  const lanes = Object.values(Object.groupBy(schedule(plan.faults), (action) => action.fault.edge));
  const results = await Promise.allSettled(
    lanes.map(async (actions) => {
      try {
        await walkLane(actions ?? [], walk);
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
}

interface Walk extends WalkOptions {
  readonly records: ReadonlyMap<Fault, FaultRecord>;
  /** Aborted by the caller, or because a lane failed or the steady state did not hold. */
  readonly stop: AbortSignal;
  readonly gate: () => Promise<'go' | 'stop'>;
  readonly end: () => void;
}

/** The actions of one edge, in order; whatever happens, nothing of it is in force afterwards. */
async function walkLane(actions: readonly Action[], walk: Walk): Promise<void> {
  const edge = edgeOf(actions, walk);
  const inForce = new Map<Fault, BoundFault>();
  const probing: Promise<void>[] = [];
  try {
    for (const action of actions) {
      if (!(await waitUntil(action.atMs, walk))) return;
      switch (action.type) {
        case 'probe':
          // Not waited for: an answer that is late must not make the next action late.
          probing.push(probe(action, edge, walk));
          break;
        case 'inject':
          if ((await walk.gate()) === 'stop') {
            walk.end();
            return;
          }
          // The answer may have taken its time, and the run may have ended meanwhile.
          if (walk.stop.aborted) return;
          await inject(action.fault, edge, inForce, walk);
          break;
        case 'remove':
          await remove(action.fault, inForce, walk);
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

async function inject(fault: Fault, edge: ProxiedEdge, inForce: Map<Fault, BoundFault>, walk: Walk): Promise<void> {
  const bound = bindFault(edge.proxy, fault);
  // Before the call: when it fails, it may have done its work all the same.
  inForce.set(fault, bound);
  await bound.inject();
  const injectedMs = walk.nowMs();
  recordOf(fault, walk).injectedMs = injectedMs;
  const { name, kind, edge: on, startMs } = fault;
  walk.context.journal.record('fault-injected', { fault: name, kind, edge: on, plannedMs: startMs, atMs: injectedMs });
  walk.context.progress(`fault ${name}: injected on ${on}`);
}

async function remove(fault: Fault, inForce: Map<Fault, BoundFault>, walk: Walk): Promise<void> {
  const bound = inForce.get(fault);
  if (bound === undefined) return;
  inForce.delete(fault);
  await bound.remove();
  const record = recordOf(fault, walk);
  const removedMs = walk.nowMs();
  if (record.injectedMs !== undefined) record.removedMs = removedMs;
  const { name, kind, edge, endMs } = fault;
  const effect = bound.effect(record.probes);
  walk.context.journal.record('fault-removed', { fault: name, kind, edge, plannedMs: endMs, atMs: removedMs, effect });
  walk.context.progress(`fault ${name}: removed from ${edge}, verified`);
}

/** Removes all, each on its own: one that resists must not keep the others in force. */
async function removeAll(inForce: Map<Fault, BoundFault>, walk: Walk): Promise<void> {
  const results = await Promise.allSettled([...inForce.keys()].map((fault) => remove(fault, inForce, walk)));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function probe(action: Action & { type: 'probe' }, edge: ProxiedEdge, walk: Walk): Promise<void> {
  const atMs = walk.nowMs();
  const result = await probeEdge(edge, action.timeoutMs, walk.stop);
  // Cut off by the end of the walk: says nothing about the edge.
  if (result.error === 'aborted') return;
  recordOf(action.fault, walk).probes.push({ atMs, when: action.when, ...result });
}

/** True when the time has come, false when the walk was ended before. Timers may fire early, hence the loop. */
async function waitUntil(atMs: number, { nowMs, stop }: Walk): Promise<boolean> {
  for (;;) {
    if (stop.aborted) return false;
    const leftMs = atMs - nowMs();
    if (leftMs <= 0) return true;
    try {
      await delay(leftMs, undefined, { signal: stop });
    } catch {
      return false;
    }
  }
}

function observe(fault: Fault, walk: Walk): FaultObservation {
  const { injectedMs, removedMs, probes } = recordOf(fault, walk);
  const { name, kind, edge } = fault;
  const inOrder = probes.toSorted((a, b) => a.atMs - b.atMs);
  return { name, kind, edge, injectedMs, removedMs, probes: inOrder, evidence: walk.evidence(edge) };
}

function recordOf(fault: Fault, walk: Walk): FaultRecord {
  const record = walk.records.get(fault);
  if (record === undefined) throw new Error(`fault ${fault.name} is not in the plan`);
  return record;
}

function edgeOf(actions: readonly Action[], walk: Walk): ProxiedEdge {
  const name = actions[0]?.fault.edge ?? '';
  const edge = walk.edges.get(name);
  if (edge === undefined) throw new EnvironmentError('no-such-edge', `no proxy on edge "${name}"`);
  return edge;
}
