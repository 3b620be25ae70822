import { type ProcessIdentity, identify } from './drivers/process-table.ts';
import type { ProxyAddress, ToxiproxyProxy } from './drivers/toxiproxy.ts';
import type { Targets } from './faults/bind-fault.ts';
import type { Fault } from './faults/fault.ts';
import { toxicName } from './faults/toxic.ts';

/** How another process reaches a tap. */
export interface TapControl {
  /** "http://127.0.0.1:NNNN" */
  readonly url: string;
  readonly token: string;
}

/** A proxy as another process finds it again; `shared`: other people's toxics may be on it too. */
export interface ProxyReference extends ProxyAddress {
  readonly api: string;
  readonly shared: boolean;
}

/** How a fault is taken away by a process that has nothing but this: plain data. */
export type Undo =
  | { readonly type: 'remove-toxic'; readonly proxy: ProxyReference; readonly toxic: string }
  | { readonly type: 'enable-proxy'; readonly proxy: ProxyReference }
  | { readonly type: 'remove-rule'; readonly tap: TapControl; readonly edge: string; readonly rule: string }
  | { readonly type: 'continue'; readonly leader: ProcessIdentity };

/**
 * A fault's right to be in force. It is undone when its owner dies, and when its time is over and the owner has not ended
 * it: then it hangs.
 */
export interface Lease {
  /** The fault's name. */
  readonly id: string;
  /** Unix milliseconds. */
  readonly until: number;
  readonly undo: Undo;
}

/** Who undoes a fault that its owner could not. */
export interface LeaseHolder {
  /** Before the fault is injected; replaces one of the same id. EnvironmentError when nobody would hold it. */
  lease(lease: Lease): void;
  /** After it was seen to be gone. */
  endLease(id: string): void;
}

/** How much later than planned an owner that is well may take its fault away. */
export const LEASE_GRACE_MS = 5_000;

/**
 * The lease of a fault that is injected now. Undefined where no other process could undo it (a service that has to be
 * started again), or where it is undone in another way (limits of a control group: see the warden).
 */
export function leaseOf(fault: Fault, targets: Targets, nowMs = Date.now()): Lease | undefined {
  const undo = undoOf(fault, targets);
  if (undo === undefined) return undefined;
  return { id: fault.name, until: nowMs + fault.endMs - fault.startMs + LEASE_GRACE_MS, undo };
}

function undoOf(fault: Fault, { edges, services, tap }: Targets): Undo | undefined {
  switch (fault.kind) {
    case 'latency':
    case 'bandwidth':
    case 'slow-close':
    case 'timeout':
    case 'reset':
    case 'slicer':
    case 'limit-data': {
      const proxy = edges.get(fault.edge)?.proxy;
      return proxy && { type: 'remove-toxic', proxy: refer(proxy), toxic: toxicName(fault) };
    }
    case 'down':
    case 'flapping': {
      const proxy = edges.get(fault.edge)?.proxy;
      return proxy && { type: 'enable-proxy', proxy: refer(proxy) };
    }
    case 'request-fail':
    case 'request-delay':
    case 'request-hang':
    case 'request-cut':
      return tap && { type: 'remove-rule', tap: tap.control, edge: fault.edge, rule: fault.name };
    case 'pause': {
      const pid = services.get(fault.service)?.pid();
      return pid === undefined ? undefined : { type: 'continue', leader: identify(pid) };
    }
    case 'kill':
    case 'terminate':
    case 'restart':
    case 'cpu-pressure':
    case 'memory-pressure':
    case 'disk-full':
      return undefined;
    default:
      return fault satisfies never;
  }
}

function refer({ api, name, listen, upstream, shared }: ToxiproxyProxy): ProxyReference {
  return { api, name, listen, upstream, shared };
}
