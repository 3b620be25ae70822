import type { EdgeProbe } from '../../lib/observe/observations.ts';
import type { Fault } from '../../lib/plan/plan.ts';
import type { ToxiproxyProxy } from '../drivers/toxiproxy.ts';

export type FaultOf<K extends Fault['kind']> = Extract<Fault, { readonly kind: K }>;

/** Whether the probes show that the fault was in force, and the sentence that says so. */
export interface Effect {
  readonly felt: 'yes' | 'no' | 'unknown';
  readonly detail: string;
}

/** One kind of disturbance: how it is brought in, how it is taken away for certain, and what proves it. */
export interface FaultKind<K extends Fault['kind']> {
  readonly kind: K;
  inject(proxy: ToxiproxyProxy, fault: FaultOf<K>): Promise<void>;
  /** Returns only when the proxy was seen to be free of it; CleanupError otherwise. */
  remove(proxy: ToxiproxyProxy, fault: FaultOf<K>): Promise<void>;
  effect(probes: readonly EdgeProbe[], fault: FaultOf<K>): Effect;
}
