import type { Edge } from '../lib/plan/schema/system.ts';
import type { ToxiproxyProxy } from './drivers/toxiproxy.ts';

/** An edge of the system with its proxy: callers reach `upstream` through `listen` (both "host:port"). */
export interface ProxiedEdge {
  readonly name: string;
  /** Where callers connect to: the proxy, or the tap before it. */
  readonly listen: string;
  readonly upstream: string;
  readonly protocol: Edge['protocol'];
  readonly proxy: ToxiproxyProxy;
}
