import { formatDuration } from '../../lib/units.ts';
import type { EdgeTarget, FaultKind } from './fault-kind.ts';
import { type OnStream, toxicFault } from './toxic.ts';

/** What passes is cut into pieces of `averageBytes` ± `variationBytes`, with `delayMs` between two of them. */
export interface SlicerFault extends OnStream {
  readonly kind: 'slicer';
  readonly averageBytes: number;
  readonly variationBytes: number;
  readonly delayMs: number;
}

export const slicer: FaultKind<SlicerFault, EdgeTarget> = {
  kind: 'slicer',
  describe: ({ averageBytes, variationBytes, delayMs, direction }) =>
    `${direction} in pieces of ${averageBytes} ± ${variationBytes} bytes, ${formatDuration(delayMs)} apart`,
  ...toxicFault<SlicerFault>(({ averageBytes, variationBytes, delayMs }) => ({
    type: 'slicer',
    // Microseconds, unlike all others.
    attributes: { average_size: averageBytes, size_variation: variationBytes, delay: Math.round(delayMs * 1_000) },
  })),
};
