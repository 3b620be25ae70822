import { formatDuration } from '../../lib/units.ts';
import type { EdgeTarget, FaultKind } from './fault-kind.ts';
import { type OnStream, toxicFault } from './toxic.ts';

/**
 * Connections are reset (TCP RST) `afterMs` after they carry something. Those that were open before the fault may be closed
 * in the usual way instead: the server sets the option that makes it a reset only on new ones.
 */
export interface ResetFault extends OnStream {
  readonly kind: 'reset';
  readonly afterMs: number;
}

export const reset: FaultKind<ResetFault, EdgeTarget> = {
  kind: 'reset',
  describe: ({ afterMs }) => `connections are reset${afterMs > 0 ? ` after ${formatDuration(afterMs)}` : ''}`,
  ...toxicFault<ResetFault>(({ afterMs }) => ({
    type: 'reset_peer',
    attributes: { timeout: Math.round(afterMs) },
  })),
  probe: { mode: 'round-trip', shows: () => 'unanswered' },
};
