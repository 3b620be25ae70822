import { type Drill, isEdgeDrill } from '../drills/drill.ts';
import { type Fault, isRequestFault } from '../faults/fault.ts';

/** The edges on which a plan needs a tap: off the path, it costs nothing and can break nothing. */
export function tappedEdges({
  faults,
  drills,
}: {
  readonly faults: readonly Fault[];
  readonly drills: readonly Drill[];
}): ReadonlySet<string> {
  return new Set([
    ...faults.filter(isRequestFault).map(({ edge }) => edge),
    // Readiness is about connections, and is asked of the service itself.
    ...drills
      .filter(isEdgeDrill)
      .filter(({ kind }) => kind !== 'readiness')
      .flatMap(({ on }) => on.map(({ edge }) => edge)),
    // By the calls on these it is seen where the traffic goes.
    ...drills.flatMap((drill) => ('edges' in drill ? drill.edges.map(({ edge }) => edge) : [])),
  ]);
}
