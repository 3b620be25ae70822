import { formatDuration } from '../../lib/units.ts';
import type { EdgeTarget, FaultKind } from './fault-kind.ts';
import { type OnStream, toxicFault } from './toxic.ts';

/**
 * A black hole: connections are accepted and stay open, nothing comes through; closed after `closeAfterMs` (0: never), when
 * their other side closes, and when the fault ends.
 */
export interface TimeoutFault extends OnStream {
  readonly kind: 'timeout';
  readonly closeAfterMs: number;
}

export const timeout: FaultKind<TimeoutFault, EdgeTarget> = {
  kind: 'timeout',
  describe: ({ closeAfterMs }) =>
    `nothing comes through${closeAfterMs > 0 ? `, connections are closed after ${formatDuration(closeAfterMs)}` : ''}`,
  ...toxicFault<TimeoutFault>(({ closeAfterMs }) => ({
    type: 'timeout',
    attributes: { timeout: Math.round(closeAfterMs) },
  })),
  probe: { mode: 'round-trip', shows: () => 'unanswered' },
};
