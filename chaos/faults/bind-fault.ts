import type { EdgeProbe } from '../../lib/observe/observations.ts';
import type { Fault } from '../../lib/plan/plan.ts';
import type { ToxiproxyProxy } from '../drivers/toxiproxy.ts';
import { down } from './down.ts';
import type { Effect, FaultKind, FaultOf } from './fault-kind.ts';
import { latency } from './latency.ts';

/** One fault, bound to its kind and its edge's proxy. */
export interface BoundFault {
  inject(): Promise<void>;
  remove(): Promise<void>;
  effect(probes: readonly EdgeProbe[]): Effect;
}

export function bindFault(proxy: ToxiproxyProxy, fault: Fault): BoundFault {
  switch (fault.kind) {
    case 'latency':
      return bind(latency, proxy, fault);
    case 'down':
      return bind(down, proxy, fault);
    default:
      return fault satisfies never;
  }
}

function bind<K extends Fault['kind']>(kind: FaultKind<K>, proxy: ToxiproxyProxy, fault: FaultOf<K>): BoundFault {
  return {
    inject: () => kind.inject(proxy, fault),
    remove: () => kind.remove(proxy, fault),
    effect: (probes) => kind.effect(probes, fault),
  };
}
