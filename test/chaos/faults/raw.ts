import { once } from 'node:events';
import { request } from 'node:http';
import { type Socket, connect, createServer } from 'node:net';
import { type Listening, listening } from '../tap/tap-fixture.ts';

export interface ByteServer extends Listening {
  /** When something arrived on the latest connection first, by performance.now(). */
  readonly arrivedMs: () => number | undefined;
  /** How many bytes have arrived on all connections. */
  readonly received: () => number;
}

/** Answers the first bytes of each connection with the same bytes, and reads on. */
export async function byteServer(answer: Buffer): Promise<ByteServer> {
  let arrivedMs: number | undefined;
  let received = 0;
  const server = createServer((socket) => {
    arrivedMs = undefined;
    socket.on('data', (chunk) => {
      if (arrivedMs === undefined) {
        arrivedMs = performance.now();
        socket.write(answer);
      }
      received += chunk.length;
    });
  });
  return { ...(await listening(server)), arrivedMs: () => arrivedMs, received: () => received };
}

export interface Exchange {
  readonly received: Buffer;
  /** "end", or an error's code; undefined while the connection is open. */
  readonly ended: string | undefined;
  /** By performance.now(). */
  readonly sentMs: number;
  readonly lastMs: number;
}

/** Connects, sends, and reads until it has so many bytes, or the connection ends. */
export async function exchange(port: number, send: Buffer, wanted: number): Promise<Exchange> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const chunks: Buffer[] = [];
  let length = 0;
  let ended: string | undefined;
  let lastMs = 0;
  const done = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      length += chunk.length;
      lastMs = performance.now();
      if (length >= wanted) resolve();
    });
    const end = (how: string) => {
      ended ??= how;
      resolve();
    };
    socket.once('end', () => end('end'));
    socket.once('close', () => end('close'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
  const sentMs = performance.now();
  socket.write(send);
  await done;
  socket.destroy();
  return { received: Buffer.concat(chunks), ended, sentMs, lastMs };
}

/** A connection that is open, and what has become of it. */
export async function open(port: number): Promise<{ readonly socket: Socket; readonly ended: Promise<string> }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const ended = new Promise<string>((resolve) => {
    socket.once('end', () => resolve('end'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('close', () => resolve('close'));
  });
  await once(socket, 'connect');
  socket.resume();
  return { socket, ended };
}

/** One HTTP request on a connection of its own: how long it takes in milliseconds, or why it fails. */
export async function httpGet(listen: string): Promise<number | string> {
  const startMs = performance.now();
  const get = request(`http://${listen}/`, { agent: false });
  get.on('error', () => {});
  get.end();
  try {
    const [response] = (await once(get, 'response')) as [NodeJS.ReadableStream];
    response.resume();
    await once(response, 'end');
    return performance.now() - startMs;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  } finally {
    get.destroy();
  }
}
