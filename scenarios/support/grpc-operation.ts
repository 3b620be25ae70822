import grpc, { type GrpcError, type Params, type Response } from 'k6/net/grpc';
import type { GrpcChannel } from './grpc-channel.ts';
import { GRPC_STATUS } from './grpc-status.ts';
import { takeLagMs } from './iteration.ts';
import { type Outcome, countGood, recordResponse } from './outcomes.ts';
import { newTraceparent, tellTrace } from './trace-context.ts';

export interface GrpcCall {
  /** "package.Service/Method". */
  readonly method: string;
  readonly message: object;
  readonly metadata?: Readonly<Record<string, string>>;
  /** k6 duration; default "60s". */
  readonly timeout?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface GrpcReply {
  readonly outcome: Outcome;
  readonly status: number;
  readonly message: Record<string, unknown>;
}

export interface GrpcStreamReply {
  readonly outcome: Outcome;
  readonly status: number;
  readonly messages: readonly Record<string, unknown>[];
}

/** k6 has whole milliseconds. */
const CLOCK_MS = 1;
/** How the message of an exception starts or goes on where the server, and not the script, is at fault. */
const UNREACHABLE = /connection error|context deadline exceeded|rpc error: code = /;

/**
 * One unary call as an operation: named, traced, its good events counted from when its iteration was due, as exactly as
 * k6's clock (1 ms) can tell. Where it succeeds, its duration is k6's own `grpc_req_duration`.
 */
export function grpcOperation(channel: GrpcChannel, name: string, call: GrpcCall): GrpcReply {
  const { params, finish } = startOperation(name, call);
  let response: Response;
  try {
    channel.connect();
    response = channel.client.invoke(call.method, call.message, params);
  } catch (error) {
    return { ...finish(statusOfException(error)), message: {} };
  }
  return { ...finish(response.status), message: response.message as Record<string, unknown> };
}

/**
 * One server-streaming call as an operation; it lasts until the stream ends. The iteration must wait for it:
 * `await grpcStream(…)` in an async default function.
 */
export async function grpcStream(channel: GrpcChannel, name: string, call: GrpcCall): Promise<GrpcStreamReply> {
  const { params, finish } = startOperation(name, call);
  const messages: Record<string, unknown>[] = [];
  const status = await new Promise<number>((resolve) => {
    try {
      channel.connect();
      const stream = new grpc.Stream(channel.client, call.method, params);
      stream.on('data', (data) => void messages.push(data as Record<string, unknown>));
      // k6 tells of an error first, and of the end in any case.
      stream.on('error', (error) => resolve((error as GrpcError).code));
      stream.on('end', () => resolve(GRPC_STATUS.ok));
      stream.write(call.message);
      stream.end();
    } catch (error) {
      resolve(statusOfException(error));
    }
  });
  return { ...finish(status), messages };
}

/**
 * k6 keeps no duration of a call that its own time-out ended, or that found no connection: those that fail are therefore
 * recorded here, every one of them, and `lib/observe/series.ts` takes only the successful ones from k6.
 */
function startOperation(
  name: string,
  { metadata, timeout = '60s', tags }: GrpcCall,
): { readonly params: Params; readonly finish: (told: unknown) => { outcome: Outcome; status: number } } {
  const lagMs = takeLagMs();
  const traceparent = metadata?.['traceparent'] ?? newTraceparent();
  const startMs = Date.now();
  return {
    params: { metadata: { traceparent, ...metadata }, tags: { ...tags, name, measured: 'counted' }, timeout },
    finish(told) {
      const [status, endMs] = [Number(told), Date.now()];
      const outcome = outcomeOf(status);
      const request = { name, protocol: 'grpc' as const, outcome, ms: lagMs + endMs - startMs, clockMs: CLOCK_MS };
      if (outcome === 'ok') countGood(request);
      else recordResponse(request);
      tellTrace({ traceparent, name, protocol: 'grpc', outcome, status, startMs, endMs });
      return { outcome, status };
    },
  };
}

/** Rethrows what is a mistake in the script: a method or a field that the contract does not have. */
function statusOfException(error: unknown): number {
  const text = String(error);
  if (!UNREACHABLE.test(text)) throw error;
  return /deadline exceeded|DeadlineExceeded/.test(text) ? GRPC_STATUS.deadlineExceeded : GRPC_STATUS.unavailable;
}

function outcomeOf(status: number): Outcome {
  if (status === GRPC_STATUS.ok) return 'ok';
  return status === GRPC_STATUS.resourceExhausted ? 'rejected' : 'failed';
}
