import { Counter, Trend } from 'k6/metrics';
import { iteration } from './iteration.ts';

/**
 * Response times, as 8th powers of seconds: k6's histograms have 8 buckets per power of two, 9 % wide, and for the 8th
 * power that is 64 per power of two, 1.1 % wide. `lib/observe/fine-histogram.ts` turns it back.
 */
const responses = new Trend('cutover_response');
/** Good events by limit: surely under it, and perhaps (within what the clock can tell). */
const good = new Counter('cutover_good');
const maybe = new Counter('cutover_maybe');

/** k6's histograms take 2^-128 and less for zero: the 8th root of that is 15 µs. */
const LEAST_MS = 0.02;
const NO_SAMPLES: ReadonlySet<number> = new Set();

export type Protocol = 'http' | 'grpc';
export type Outcome = 'ok' | 'rejected' | 'failed';

export interface Measured {
  readonly name: string;
  readonly protocol: Protocol;
  readonly outcome: Outcome;
  /** From when the request was due to its answer. */
  readonly ms: number;
  /** How far off `ms` may be either way: 0 for k6's own timings, 1 for differences of its clock. */
  readonly clockMs: number;
}

/** Records a request that k6 measures only in part (HTTP), or not at all (a stream): its response time and its good events. */
export function recordResponse(request: Measured): void {
  const { name, protocol, outcome, ms } = request;
  responses.add((Math.max(LEAST_MS, ms) / 1_000) ** 8, { name, proto: protocol, outcome });
  countGood(request);
}

/** Counts a request against every limit that its operation has; k6 has its duration already (unary gRPC). */
export function countGood({ name, protocol, outcome, ms, clockMs }: Measured): void {
  if (outcome !== 'ok') return;
  let counted = NO_SAMPLES;
  for (const limit of iteration.limits) {
    const { underMs } = limit;
    if (limit.operation !== '*' && limit.operation !== name) continue;
    if (limit.protocol !== undefined && limit.protocol !== protocol) continue;
    if (ms - clockMs >= underMs || counted.has(underMs)) continue;
    counted = new Set([...counted, underMs]);
    const surely = clockMs === 0 ? ms < underMs : ms + clockMs <= underMs;
    (surely ? good : maybe).add(1, { name, proto: protocol, under: String(underMs) });
  }
}
