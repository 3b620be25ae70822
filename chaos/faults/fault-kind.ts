import type { ToxiproxyProxy } from '../drivers/toxiproxy.ts';
import type { ServiceControl } from '../service-control.ts';
import type { Tap } from '../tap/tap.ts';

/** What every fault of a plan has: a name, and when it is in force, in milliseconds since the load started. */
export interface FaultTimes {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  /** The drill that it is a step of. */
  readonly drill?: string;
}

export interface OnEdge extends FaultTimes {
  readonly edge: string;
}

export interface OnService extends FaultTimes {
  readonly service: string;
}

/** An attribute that moves along a straight line over the fault's time. */
export interface Ramp {
  readonly from: number;
  readonly to: number;
}

/** What a fault needs of a tap, be it this process's own or another's. */
export type TapTarget = Pick<Tap, 'setRule' | 'removeRule' | 'rules' | 'exit' | 'control'>;

/** What a fault on an edge can act on: the edge's proxy, and its tap where the plan has put one there. */
export interface EdgeTarget {
  readonly proxy: ToxiproxyProxy;
  readonly tap: TapTarget | undefined;
}

/** What a fault on a service can act on. */
export type ServiceTarget = ServiceControl;

/** Whether the fault was seen to be in force, by what it does and not by what was asked for; and the sentence that says so. */
export interface FaultSign {
  readonly seen: boolean;
  readonly detail: string;
}

/**
 * One kind of disturbance: how it is brought in, how it is taken away for certain, and what proves it. A kind is data and
 * functions without I/O of their own: what they act on is handed to them.
 */
export interface FaultKind<F extends FaultTimes & { readonly kind: string }, Target> {
  readonly kind: F['kind'];
  /** "latency 300ms ± 20ms": without what it is on. */
  describe(fault: F): string;
  inject(target: Target, fault: F): Promise<void>;
  /** Sets the attribute that moves while the fault is in force (`Action.value`). */
  adjust?(target: Target, fault: F, value: number): Promise<void>;
  /** Returns only when it was seen to be gone; CleanupError otherwise. */
  remove(target: Target, fault: F): Promise<void>;
  /**
   * Looks whether it is in force, while it should be. Absent where round trips through the edge's proxy are the proof: see
   * `probe`.
   */
  sign?(target: Target, fault: F): Promise<FaultSign>;
  /** How the harness's own round trips show it: longer by at least so many milliseconds, or not (always) answered. */
  readonly probe?: {
    readonly mode: 'round-trip' | 'close';
    shows(fault: F): { readonly longerByMs: number } | 'unanswered' | 'partly-unanswered';
  };
}
