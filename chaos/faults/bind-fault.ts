import { EnvironmentError } from '../../lib/errors.ts';
import type { ProxiedEdge } from '../edge.ts';
import type { ServiceControl } from '../service-control.ts';
import type { FaultKind, FaultSign, FaultTimes, TapTarget } from './fault-kind.ts';
import { type EdgeFault, type Fault, isServiceFault } from './fault.ts';
import { edgeKind, serviceKind } from './kinds.ts';

/** One fault, bound to its kind and to what it acts on. */
export interface BoundFault {
  inject(): Promise<void>;
  adjust(value: number): Promise<void>;
  remove(): Promise<void>;
  /** Undefined where round trips are the proof. */
  sign(): Promise<FaultSign | undefined>;
}

export interface Targets {
  readonly edges: ReadonlyMap<string, ProxiedEdge>;
  readonly services: ReadonlyMap<string, ServiceControl>;
  readonly tap: TapTarget | undefined;
}

/** EnvironmentError('no-such-edge' | 'no-such-service'). */
export function bindFault(fault: Fault, { edges, services, tap }: Targets): BoundFault {
  if (isServiceFault(fault)) {
    const service = services.get(fault.service);
    if (service === undefined) {
      throw new EnvironmentError('no-such-service', `the harness has not started a service "${fault.service}"`);
    }
    return bind(serviceKind(fault), service, fault);
  }
  const edge = edges.get(fault.edge);
  if (edge === undefined) throw new EnvironmentError('no-such-edge', `no proxy on edge "${fault.edge}"`);
  return bind(edgeKind<EdgeFault>(fault), { proxy: edge.proxy, tap }, fault);
}

function bind<F extends FaultTimes & { readonly kind: string }, Target>(
  kind: FaultKind<F, Target>,
  target: Target,
  fault: F,
): BoundFault {
  return {
    inject: () => kind.inject(target, fault),
    adjust: async (value) => await kind.adjust?.(target, fault, value),
    remove: () => kind.remove(target, fault),
    sign: async () => await kind.sign?.(target, fault),
  };
}
