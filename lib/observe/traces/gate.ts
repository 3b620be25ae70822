import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { EnvironmentError } from '../../errors.ts';

/** "open": connections are served; "hanging": they are taken and never answered; "closed": they are refused (RST). */
export type GateState = 'open' | 'hanging' | 'closed';

/** More connections than this are not kept hanging: the oldest is closed for a new one. */
const MOST_HELD = 512;

/** A port of the loopback interface before a server that does not listen itself. Disposing of it closes the port. */
export interface Gate extends AsyncDisposable {
  /** "127.0.0.1:NNNN"; the same in every state. */
  readonly address: string;
  /** How many connections were taken and never served. */
  readonly held: () => number;
  /** Cuts the connections there are. EnvironmentError('port-lost') where another process has taken the port meanwhile. */
  set(state: GateState): Promise<void>;
}

/** `port` 0: a free one. EnvironmentError('port-in-use'). */
export async function openGate(serve: (socket: Socket) => void, port = 0): Promise<Gate> {
  let state: GateState = 'open';
  let held = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    if (state === 'open') return serve(socket);
    held += 1;
    const [oldest] = sockets;
    if (sockets.size > MOST_HELD) oldest?.destroy();
  });

  async function listen(on: number, code: string): Promise<number> {
    server.listen(on, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (cause) {
      throw new EnvironmentError(code, `the collector's port ${on}: ${(cause as Error).message}`, { cause });
    }
    return (server.address() as AddressInfo).port;
  }

  async function close(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  const listening = await listen(port, 'port-in-use');
  return {
    address: `127.0.0.1:${listening}`,
    held: () => held,
    async set(next) {
      state = next;
      if (next === 'closed') return await close();
      for (const socket of sockets) socket.destroy();
      if (!server.listening) await listen(listening, 'port-lost');
    },
    [Symbol.asyncDispose]: close,
  };
}
