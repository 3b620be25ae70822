import grpc, { type Client, type GrpcError } from 'k6/net/grpc';
import { takeLagMs } from './iteration.ts';
import { type Outcome, countGood, recordResponse } from './outcomes.ts';
import { newTraceparent } from './trace-context.ts';

export interface GrpcCall {
  /** "package.Service/Method". */
  readonly method: string;
  readonly message: object;
  readonly metadata?: Readonly<Record<string, string>>;
  /** k6 duration; default "60s". */
  readonly timeout?: string;
}

export interface GrpcReply {
  readonly outcome: Outcome;
  readonly status: number;
  readonly message: Record<string, unknown>;
  /** Header metadata of the answer. */
  readonly headers: Record<string, string[] | undefined>;
}

const CLOCK_MS = 1;

/**
 * One unary call as an operation: named, traced, its good events counted from when its iteration was due, as exactly as
 * k6's clock (1 ms) can tell. Its duration is k6's own `grpc_req_duration`.
 */
export function grpcOperation(client: Client, name: string, call: GrpcCall): GrpcReply {
  const { method, message, timeout } = call;
  const lagMs = takeLagMs();
  const startMs = Date.now();
  const response = client.invoke(method, message, {
    metadata: { traceparent: newTraceparent(), ...call.metadata },
    tags: { name, measured: 'counted' },
    ...(timeout === undefined ? {} : { timeout }),
  });
  const { status } = response;
  const outcome = outcomeOf(status);
  countGood({ name, protocol: 'grpc', outcome, ms: lagMs + Date.now() - startMs, clockMs: CLOCK_MS });
  return {
    outcome,
    status,
    message: response.message as Record<string, unknown>,
    headers: response.headers as Record<string, string[] | undefined>,
  };
}

export interface GrpcStreamReply {
  readonly outcome: Outcome;
  readonly status: number;
  readonly messages: readonly Record<string, unknown>[];
}

/**
 * One server-streaming call as an operation: its response time ends with the stream. k6 measures no streams, so that it
 * is by k6's clock (1 ms). The iteration must wait for it: `await grpcStream(…)` in an async default function.
 */
export function grpcStream(client: Client, name: string, call: GrpcCall): Promise<GrpcStreamReply> {
  const { method, message, timeout } = call;
  const lagMs = takeLagMs();
  const startMs = Date.now();
  const stream = new grpc.Stream(client, method, {
    metadata: { traceparent: newTraceparent(), ...call.metadata },
    tags: { name },
    ...(timeout === undefined ? {} : { timeout }),
  });
  const messages: Record<string, unknown>[] = [];
  return new Promise((resolve) => {
    let ended = false;
    const end = (status: number) => {
      if (ended) return;
      ended = true;
      const outcome = outcomeOf(status);
      recordResponse({ name, protocol: 'grpc', outcome, ms: lagMs + Date.now() - startMs, clockMs: CLOCK_MS });
      resolve({ outcome, status, messages });
    };
    stream.on('data', (data) => void messages.push(data as Record<string, unknown>));
    // k6 tells of an error first, and of the end in any case.
    stream.on('error', (error) => end((error as GrpcError).code));
    stream.on('end', () => end(grpc.StatusOK));
    stream.write(message);
    stream.end();
  });
}

function outcomeOf(status: number): Outcome {
  if (status === grpc.StatusOK) return 'ok';
  return status === grpc.StatusResourceExhausted ? 'rejected' : 'failed';
}
