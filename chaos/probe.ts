import { once } from 'node:events';
import { request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { type Socket, connect as connectTcp } from 'node:net';
import type { Edge } from '../lib/plan/schema/system.ts';

export interface ProbeTarget {
  /** "host:port" of the edge's proxy. */
  readonly listen: string;
  readonly protocol: Edge['protocol'];
  /** What is timed: an answer (default), or how long it takes until a connection that was ended is closed by the other side. */
  readonly mode?: 'round-trip' | 'close';
}

/** `roundTripMs` is undefined when nothing answered: then `error` says why. */
export interface ProbeResult {
  readonly roundTripMs: number | undefined;
  /** "ECONNREFUSED …", "no answer in 5000 ms". */
  readonly error: string | undefined;
}

/**
 * One round trip through an edge's proxy on a connection of its own, without a request that the service would count as
 * work: an HTTP/2 ping for gRPC, HEAD / for HTTP (any status is an answer), a mere connect for TCP, which shows a proxy
 * that is down but no latency, since the proxy accepts at once. Never rejects.
 */
export async function probeEdge(target: ProbeTarget, timeoutMs: number, signal?: AbortSignal): Promise<ProbeResult> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const stop = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  try {
    return { roundTripMs: await roundTrip(target, stop), error: undefined };
  } catch (error) {
    if (timeout.aborted) return { roundTripMs: undefined, error: `no answer in ${timeoutMs} ms` };
    return { roundTripMs: undefined, error: signal?.aborted === true ? 'aborted' : describe(error) };
  }
}

async function roundTrip({ listen, protocol, mode }: ProbeTarget, signal: AbortSignal): Promise<number> {
  if (mode === 'close') return await closeTime(listen, signal);
  switch (protocol) {
    case 'grpc':
      return await pingHttp2(listen, signal);
    case 'http':
      return await headHttp(listen, signal);
    case 'tcp':
      return await connectOnly(listen, signal);
    default:
      return protocol satisfies never;
  }
}

async function pingHttp2(listen: string, signal: AbortSignal): Promise<number> {
  const session = connectHttp2(`http://${listen}`);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const abort = (): void => session.destroy(new Error('aborted'));
  signal.addEventListener('abort', abort);
  session.once('error', reject);
  // Cut without an error, as a proxy does whose upstream is gone.
  session.once('close', () => reject(new Error('ECONNRESET connection closed before the ping was answered')));
  session.once('connect', () => {
    // The connection may come about after its time was up.
    if (session.destroyed) return;
    session.ping((error, durationMs) => (error === null ? resolve(durationMs) : reject(error)));
  });
  try {
    signal.throwIfAborted();
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    session.on('error', () => {});
    session.destroy();
  }
}

async function headHttp(listen: string, signal: AbortSignal): Promise<number> {
  const head = request(`http://${listen}/`, { method: 'HEAD', agent: false, signal });
  head.on('error', () => {});
  let sentMs = performance.now();
  head.once('socket', (socket) => {
    socket.once('connect', () => {
      sentMs = performance.now();
    });
  });
  head.end();
  await once(head, 'response');
  const roundTripMs = performance.now() - sentMs;
  head.destroy();
  return roundTripMs;
}

/** The other side closes too once it has seen this side's end: through a slow proxy that takes its time. */
async function closeTime(listen: string, signal: AbortSignal): Promise<number> {
  const socket = dial(listen);
  try {
    await once(socket, 'connect', { signal });
    const startedMs = performance.now();
    // Read, or its end would not be seen.
    socket.resume();
    socket.end();
    await once(socket, 'end', { signal });
    return performance.now() - startedMs;
  } finally {
    socket.destroy();
  }
}

async function connectOnly(listen: string, signal: AbortSignal): Promise<number> {
  const startedMs = performance.now();
  const socket = dial(listen);
  try {
    await once(socket, 'connect', { signal });
    return performance.now() - startedMs;
  } finally {
    socket.destroy();
  }
}

/** Its end is its own: the other side may go on when this side has ended. */
function dial(listen: string): Socket {
  const { hostname, port } = new URL(`tcp://${listen}`);
  const socket = connectTcp({ host: hostname.replaceAll(/^\[|\]$/g, ''), port: Number(port), allowHalfOpen: true });
  socket.on('error', () => {});
  return socket;
}

function describe(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined || message.includes(code) ? message : `${code} ${message}`;
}
