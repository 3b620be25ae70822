import { formatDuration } from '../../lib/units.ts';
import type { EdgeTarget, FaultKind, Ramp } from './fault-kind.ts';
import { type OnStream, toxicFault } from './toxic.ts';

/** Every reply (or request) on the edge is late by `latencyMs` ± `jitterMs`. Connecting is not: the proxy accepts at once. */
export interface LatencyFault extends OnStream {
  readonly kind: 'latency';
  /** The longest, where it moves. */
  readonly latencyMs: number;
  readonly jitterMs: number;
  readonly ramp?: Ramp;
}

/** Jitter and rounding may take something off; half of what was injected can't be noise on loopback or in a data centre. */
const FELT_SHARE = 0.5;
/** By this share of its time, the middle one of the probes during a fault has been made. */
const FELT_AT = 0.3;

export const latency: FaultKind<LatencyFault, EdgeTarget> = {
  kind: 'latency',
  describe: ({ latencyMs, jitterMs, ramp, direction }) => {
    const length =
      ramp === undefined ? formatDuration(latencyMs) : `${formatDuration(ramp.from)} → ${formatDuration(ramp.to)}`;
    const jitter = jitterMs > 0 ? ` ± ${formatDuration(jitterMs)}` : '';
    return `latency ${length}${jitter}${direction === 'requests' ? ' of requests' : ''}`;
  },
  ...toxicFault<LatencyFault>(({ latencyMs, jitterMs, ramp }, value = ramp?.from ?? latencyMs) => ({
    type: 'latency',
    // The server takes whole milliseconds only.
    attributes: { latency: Math.round(value), jitter: Math.round(jitterMs) },
  })),
  probe: {
    mode: 'round-trip',
    shows: ({ latencyMs, ramp }) => ({
      longerByMs: FELT_SHARE * (ramp === undefined ? latencyMs : ramp.from + FELT_AT * (ramp.to - ramp.from)),
    }),
  },
};
