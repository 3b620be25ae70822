import type { EdgeProbe } from '../../lib/observe/observations.ts';
import type { Effect, FaultKind } from './fault-kind.ts';
import { removeVerified } from './remove-verified.ts';

const TOXIC = 'cutover-latency';

/** The share of the injected delay by which the round trip must have grown. */
const FELT_SHARE = 0.5;

/** Every reply on the edge is late by `latencyMs` ± `jitterMs`. Connecting is not: the proxy accepts at once. */
export const latency: FaultKind<'latency'> = {
  kind: 'latency',
  inject: (proxy, { latencyMs, jitterMs }) =>
    proxy.addToxic({
      name: TOXIC,
      type: 'latency',
      stream: 'downstream',
      toxicity: 1,
      // The server takes whole milliseconds only.
      attributes: { latency: Math.round(latencyMs), jitter: Math.round(jitterMs) },
    }),
  remove: (proxy) =>
    removeVerified(
      proxy,
      () => proxy.removeToxic(TOXIC),
      ({ enabled, toxics }) => enabled && !toxics.some(({ name }) => name === TOXIC),
    ),
  effect(probes, { latencyMs }) {
    const beforeMs = median(roundTrips(probes, 'before'));
    const duringMs = median(roundTrips(probes, 'during'));
    if (beforeMs === undefined || duringMs === undefined) return { felt: 'unknown', detail: 'no round trips measured' };
    const shiftMs = duringMs - beforeMs;
    return felt(shiftMs >= FELT_SHARE * latencyMs, `round trip ${shiftMs.toFixed(1)} ms longer than before`);
  },
};

function felt(yes: boolean, detail: string): Effect {
  return { felt: yes ? 'yes' : 'no', detail };
}

function roundTrips(probes: readonly EdgeProbe[], when: EdgeProbe['when']): number[] {
  return probes.flatMap((probe) => (probe.when === when && probe.roundTripMs !== undefined ? [probe.roundTripMs] : []));
}

/** The lower one of the two in the middle, so that it is always a measured value. */
function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
