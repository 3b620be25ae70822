import type { EdgeTarget, FaultKind, Ramp } from './fault-kind.ts';
import { type OnStream, toxicFault } from './toxic.ts';

/** The edge carries at most so many bytes a second in one direction, each connection for itself. */
export interface BandwidthFault extends OnStream {
  readonly kind: 'bandwidth';
  /** The least, where it moves. */
  readonly bytesPerSecond: number;
  readonly ramp?: Ramp;
}

/** The server's unit: its KB has 1,000 bytes. */
const KB = 1_000;

export const bandwidth: FaultKind<BandwidthFault, EdgeTarget> = {
  kind: 'bandwidth',
  describe: ({ bytesPerSecond, ramp, direction }) => {
    const kilobytes = (bytes: number) => `${Number((bytes / KB).toFixed(1))} kB/s`;
    const rate = ramp === undefined ? kilobytes(bytesPerSecond) : `${kilobytes(ramp.from)} → ${kilobytes(ramp.to)}`;
    return `bandwidth ${rate} for ${direction}`;
  },
  ...toxicFault<BandwidthFault>(({ bytesPerSecond, ramp }, value = ramp?.from ?? bytesPerSecond) => ({
    type: 'bandwidth',
    attributes: { rate: Math.max(1, Math.round(value / KB)) },
  })),
};
