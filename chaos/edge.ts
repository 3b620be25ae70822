import type { Edge } from '../lib/plan/schema/system.ts';
import type { ToxiproxyProxy } from './drivers/toxiproxy.ts';

/** An edge of the system with its proxy: callers reach `upstream` through `listen` (both "host:port"). */
export interface ProxiedEdge {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly protocol: Edge['protocol'];
  readonly proxy: ToxiproxyProxy;
}
