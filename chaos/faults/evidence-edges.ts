import type { System } from '../../lib/plan/schema/system.ts';
import { type Fault, isServiceFault } from './fault.ts';

/** The edges whose evidence counters tell of a fault: its own, or all that lead to its service. */
export function evidenceEdges(fault: Fault, { edges }: Pick<System, 'edges'>): readonly string[] {
  return Object.entries(edges).flatMap(([name, { to, evidence }]) => {
    const isConcerned = isServiceFault(fault) ? to.startsWith(`${fault.service}.`) : name === fault.edge;
    return isConcerned && evidence !== undefined ? [name] : [];
  });
}
