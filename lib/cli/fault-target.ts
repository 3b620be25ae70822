import type { Targets } from '../../chaos/faults/bind-fault.ts';
import { EnvironmentError } from '../errors.ts';
import type { LiveSystem } from '../provision/live-system.ts';

/** Where a fault by hand goes. */
export interface FaultTarget {
  /** The edge's, the service's or the proxy's name, as it was given. */
  readonly title: string;
  /** "a live system in reports/out/up/latest". */
  readonly where: string;
  /** What an edge speaks; tells how it is looked at. */
  readonly protocol: LiveSystem['edges'][number]['protocol'];
  /** Where the proxy is looked at, if not where it says that it listens. */
  readonly seenAt?: string;
  /** The target under the name that the fault has it by. */
  readonly targets: (name: string, ownToxic: string) => Targets;
  /** EnvironmentError when it is not as it should be before a fault. */
  readonly check: () => Promise<void>;
}

export interface TargetOptions {
  readonly on?: string;
  readonly config?: string;
  readonly run?: string;
  readonly toxiproxy?: string;
  readonly proxy?: string;
  readonly protocol?: string;
  readonly allowHost: readonly string[];
}

export const NOTHING: Targets = { edges: new Map(), services: new Map(), tap: undefined };

/** A proxy that is disabled lets nothing through that a fault could act on, and would be enabled by the fault's end. */
export function requireEnabled(name: string, enabled: boolean): void {
  if (enabled) return;
  throw new EnvironmentError('edge-is-down', `"${name}" is down already: what would a fault change?`, {
    hint: 'somebody has disabled its proxy',
  });
}
