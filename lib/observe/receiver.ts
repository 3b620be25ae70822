import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MAX_BODY_BYTES, readBody } from './read-body.ts';
import { BadPush, type PushedSeries, remoteWriteDecoder } from './remote-write.ts';

const PATH = '/api/v1/write';

/** A Prometheus remote-write endpoint on a free port of the loopback interface. Disposing of it closes the port. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** What a sender must show as `Authorization: Bearer <token>`. */
  readonly token: string;
}

/**
 * Starts a receiver of remote write 1.0 (snappy block, protobuf, native histograms with whole counts). `onPush` is called
 * with what was pushed; if it throws BadPush, the sender gets a 400. Anything else that is wrong is answered, never thrown:
 * 401 token, 404 path, 405 method, 413 more than 16 MiB, 400 body.
 */
export async function startReceiver(onPush: (series: readonly PushedSeries[]) => void): Promise<Receiver> {
  const token = randomBytes(24).toString('hex');
  const decode = remoteWriteDecoder();
  const server = createServer((request, response) => {
    answer(request, response, token, (body) => onPush(decode(body))).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${PATH}`,
    token,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  accept: (body: Uint8Array) => void,
): Promise<void> {
  const refuse = (status: number, message: string) => {
    // The rest of the body is not wanted, so that the connection cannot be used again.
    response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${message}\n`);
  };
  if (request.url !== PATH) return refuse(404, `pushes go to ${PATH}`);
  if (request.method !== 'POST') return refuse(405, 'only POST');
  if (!isToken(request.headers.authorization, token)) return refuse(401, 'wrong or missing bearer token');
  const body = await readBody(request);
  if (body === undefined) return refuse(413, `more than ${MAX_BODY_BYTES} bytes`);
  try {
    accept(body);
  } catch (error) {
    if (!(error instanceof BadPush)) throw error;
    return refuse(400, error.message);
  }
  response.writeHead(204).end();
}

function isToken(header: string | undefined, token: string): boolean {
  const [given, wanted] = [Buffer.from(header ?? ''), Buffer.from(`Bearer ${token}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
