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

/** Records a request that k6 measures only in part (HTTP), or may leave out (gRPC that fails): its response time and its good events. */
export function recordResponse(request: Measured): void {
  const { tags } = seriesOf(request);
  responses.add((Math.max(LEAST_MS, request.ms) / 1_000) ** 8, tags[request.outcome]);
  countGood(request);
}

/** Counts a request against every limit that its operation has; k6 has its duration already (gRPC that succeeds). */
export function countGood(request: Measured): void {
  if (request.outcome !== 'ok') return;
  const { ms, clockMs } = request;
  const { limits } = seriesOf(request);
  for (let index = 0; index < limits.length; index += 1) {
    const { underMs, tags } = limits[index] as Limit;
    if (ms - clockMs >= underMs) continue;
    const surely = clockMs === 0 ? ms < underMs : ms + clockMs <= underMs;
    (surely ? good : maybe).add(1, tags);
  }
}

interface Limit {
  readonly underMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** What is the same for all requests of one operation over one protocol. */
interface Series {
  readonly tags: Readonly<Record<Outcome, Readonly<Record<string, string>>>>;
  readonly limits: readonly Limit[];
}

const known = { http: new Map<string, Series>(), grpc: new Map<string, Series>() };

/** Kept, since each request asks for it; limits do not change once there are iterations. */
function seriesOf({ name, protocol }: Measured): Series {
  const found = known[protocol].get(name);
  if (found !== undefined) return found;
  const of = { name, proto: protocol };
  const series = {
    tags: {
      ok: { ...of, outcome: 'ok' },
      rejected: { ...of, outcome: 'rejected' },
      failed: { ...of, outcome: 'failed' },
    },
    limits: limitsOf(name, protocol).map((underMs) => ({ underMs, tags: { ...of, under: String(underMs) } })),
  };
  known[protocol].set(name, series);
  return series;
}

/** Each limit once, however many budgets have it; in milliseconds. */
function limitsOf(name: string, protocol: Protocol): number[] {
  const fitting = iteration.limits.filter(
    (limit) =>
      (limit.operation === '*' || limit.operation === name) &&
      (limit.protocol === undefined || limit.protocol === protocol),
  );
  return [...new Set(fitting.map(({ underMs }) => underMs))];
}
