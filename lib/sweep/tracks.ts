import type { Plan } from '../plan/plan.ts';
import { type SweptKindName, kindOf } from './kinds.ts';
import type { Intensity } from './ladder.ts';

/** One kind of fault on one edge, or on the service behind it: a ladder on which the mildest rung that breaks is looked for. */
export interface Track {
  readonly edge: string;
  readonly kind: SweptKindName;
  /** What the fault is on: the edge's name, or the callee's. */
  readonly target: string;
  /** Mild to severe, at least one. */
  readonly ladder: readonly Intensity[];
}

/** A kind that is not tried on an edge, and why. */
export interface LeftOut {
  readonly edge: string;
  readonly kind: SweptKindName;
  readonly why: string;
}

export interface Tracks {
  readonly tracks: readonly Track[];
  readonly leftOut: readonly LeftOut[];
}

/** Every kind on every edge where it makes sense: kind by kind, edge by edge. `forMs` is how long faults last. Pure. */
export function tracksOf(
  plan: Plan,
  edges: readonly string[],
  ladders: ReadonlyMap<SweptKindName, readonly Intensity[]>,
  forMs: number,
): Tracks {
  const tracks: Track[] = [];
  const leftOut: LeftOut[] = [];
  for (const [kind, ladder] of ladders) {
    for (const edge of edges) {
      const found = trackOf(plan, edge, kind, ladder, forMs);
      if (typeof found === 'string') {
        leftOut.push({ edge, kind, why: found });
        continue;
      }
      const same = tracks.find((other) => other.kind === kind && other.target === found.target);
      if (same === undefined) tracks.push(found);
      else leftOut.push({ edge, kind, why: `${found.target} is behind the edge ${same.edge} too: see there` });
    }
  }
  return { tracks, leftOut };
}

/** The callee behind an edge, where it is a service that the harness starts. */
export function calleeOf({ system }: Plan, edge: string): string | undefined {
  const name = system.edges[edge]?.to.split('.')[0] ?? '';
  const service = Object.hasOwn(system.services, name) ? system.services[name] : undefined;
  return service !== undefined && 'process' in service ? name : undefined;
}

function trackOf(
  plan: Plan,
  edge: string,
  kind: SweptKindName,
  ladder: readonly Intensity[],
  forMs: number,
): Track | string {
  const { on, ofConnections } = kindOf(kind);
  const protocol = plan.system.edges[edge]?.protocol;
  if (on === 'requests' && protocol === 'tcp') {
    return 'the edge carries bytes of an unknown protocol: it has no requests';
  }
  const service = calleeOf(plan, edge);
  if (on === 'service' && service === undefined) return 'its callee is no service that the harness starts';
  const partly = protocol === 'grpc' && ofConnections === true;
  const rungs = ladder.filter(({ value }) => !(partly && value < 1) && !(kind === 'pause' && value > forMs));
  if (rungs.length === 0) {
    return partly
      ? 'over gRPC one connection carries everything: a share of them would be all or nothing'
      : 'every intensity lasts longer than a fault does';
  }
  return { edge, kind, target: on === 'service' ? (service ?? edge) : edge, ladder: rungs };
}
