import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { grpcCodeName } from '../../../chaos/grpc-codes.ts';
import { decodeTraceLine } from '../../../scenarios/support/trace-line.ts';
import type { RequestTrace } from './observation.ts';

/** More are not kept: some 20 MB. */
const MOST_REQUESTS = 50_000;

/** A sampled request, as its client saw it. Times are milliseconds since the load's start. */
export interface SampledRequest extends Pick<
  RequestTrace,
  'traceId' | 'source' | 'operation' | 'protocol' | 'outcome' | 'status' | 'answered' | 'startMs' | 'endMs'
> {
  /** The client's own span, which is not exported. */
  readonly clientSpanId: string;
}

export interface Sampled {
  readonly requests: readonly SampledRequest[];
  /** More than are kept. */
  readonly dropped: number;
}

/** Codes that gRPC clients make up themselves: CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE. */
const CLIENTS_OWN: readonly number[] = [1, 4, 14];
const CONTEXT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/;

/** Reads what a scenario has told of its sampled requests, from the file that k6's console went to; by start. */
export async function readSampled(path: string, startEpochMs: number, most = MOST_REQUESTS): Promise<Sampled> {
  const requests: SampledRequest[] = [];
  let dropped = 0;
  if (!existsSync(path)) return { requests, dropped };
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    const request = line.includes('"trace ') ? parseLine(line, startEpochMs) : undefined;
    // What is sent before the load (a scenario's setup) is not part of it.
    if (request === undefined || request.startMs < 0) continue;
    if (requests.length < most) requests.push(request);
    else dropped += 1;
  }
  return { requests: requests.toSorted((a, b) => a.startMs - b.startMs), dropped };
}

/** A line of k6's JSON log; one that k6's death cut off is none. */
function parseLine(line: string, startEpochMs: number): SampledRequest | undefined {
  let message: unknown;
  try {
    ({ msg: message } = JSON.parse(line) as { msg?: unknown });
  } catch {
    return undefined;
  }
  const told = typeof message === 'string' ? decodeTraceLine(message.trim()) : undefined;
  const [, traceId, clientSpanId] = CONTEXT.exec(told?.traceparent ?? '') ?? [];
  if (told === undefined || traceId === undefined || clientSpanId === undefined) return undefined;
  const { name, protocol, outcome, status, startMs, endMs } = told;
  return {
    traceId,
    clientSpanId,
    source: 'load',
    operation: name,
    protocol,
    outcome,
    status: protocol === 'grpc' ? grpcCodeName(status) : status === 0 ? 'no answer' : `HTTP ${status}`,
    answered: protocol === 'grpc' ? !CLIENTS_OWN.includes(status) : status > 0,
    startMs: startMs - startEpochMs,
    endMs: endMs - startEpochMs,
  };
}
