import { formatDuration } from '../../lib/units.ts';
import type { EdgeTarget, FaultKind } from './fault-kind.ts';
import { type OnStream, toxicFault } from './toxic.ts';

/** A connection that the callee (or the caller) closes stays open for the other side for so long. */
export interface SlowCloseFault extends OnStream {
  readonly kind: 'slow-close';
  readonly delayMs: number;
}

export const slowClose: FaultKind<SlowCloseFault, EdgeTarget> = {
  kind: 'slow-close',
  describe: ({ delayMs }) => `connections close ${formatDuration(delayMs)} late`,
  ...toxicFault<SlowCloseFault>(({ delayMs }) => ({
    type: 'slow_close',
    attributes: { delay: Math.round(delayMs) },
  })),
  probe: { mode: 'close', shows: ({ delayMs }) => ({ longerByMs: delayMs / 2 }) },
};
