import type { EdgeTarget, FaultKind, OnEdge } from './fault-kind.ts';
import { removeVerified } from './remove-verified.ts';

/** The edge's connections are cut and new ones refused: the proxy stops listening. */
export interface DownFault extends OnEdge {
  readonly kind: 'down';
}

export const down: FaultKind<DownFault, EdgeTarget> = {
  kind: 'down',
  describe: () => 'down',
  inject: ({ proxy }) => proxy.setEnabled(false),
  remove: ({ proxy }) =>
    removeVerified(
      proxy,
      () => proxy.setEnabled(true),
      ({ enabled }) => enabled,
    ),
  probe: { mode: 'round-trip', shows: () => 'unanswered' },
};
