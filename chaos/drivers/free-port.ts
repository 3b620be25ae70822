import { once } from 'node:events';
import { createServer } from 'node:net';

const LOWEST = 20_000;
const COUNT = 12_767;
const TRIES = 50;

/**
 * A port of 127.0.0.1 on which nothing listens, and that is not in `taken`. Preferred below 32 768, where Linux's (and
 * every other system's) range for outgoing connections begins: a port in that range can be lost to any connection
 * between this choice and its use, and while a proxy is down.
 */
export async function freePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = LOWEST + Math.floor(Math.random() * COUNT);
    if (!taken.has(port) && (await canListen(port)) !== undefined) return port;
  }
  for (;;) {
    const port = await canListen(0);
    if (port === undefined) throw new Error('no free port on 127.0.0.1');
    if (!taken.has(port)) return port;
  }
}

/** The port itself (the chosen one for 0), or undefined when it cannot be listened on. */
export async function canListen(port: number, host = '127.0.0.1'): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : undefined;
}
