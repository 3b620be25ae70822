import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Socket, type Server, connect } from 'node:net';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import type { TapAttempt } from '../../../chaos/tap/attempt.ts';
import { readAttempts } from '../../../chaos/tap/read-attempts.ts';
import type { TapRule } from '../../../chaos/tap/rule.ts';
import { type Tap, type TapEdgeOptions, startTap } from '../../../chaos/tap/tap.ts';
import { testContext, testGuard } from '../../helpers/run-context.ts';

export const EDGE = 'orders-pricing';

export interface TestTap extends AsyncDisposable {
  readonly tap: Tap;
  /** Where the first edge's tap listens, "host:port". */
  readonly address: string;
  readonly port: number;
  readonly attemptsFile: string;
  /** What was recorded so far, in the order it ended. */
  attempts(): Promise<TapAttempt[]>;
  /** Sets a rule on the first edge. */
  rule(rule: Partial<TapRule> & Pick<TapRule, 'action'>): Promise<void>;
}

/** A tap in a folder of its own, with one edge or more. */
export async function testTap(
  protocol: TapEdgeOptions['protocol'],
  upstream: string,
  options: Partial<TapEdgeOptions> = {},
  more: readonly TapEdgeOptions[] = [],
): Promise<TestTap> {
  const context = await testContext();
  const guard = testGuard();
  const attemptsFile = join(context.folder, 'attempts.ndjson');
  const first: TapEdgeOptions = { name: EDGE, protocol, listen: '127.0.0.1:0', upstream, ...options };
  const tap = await startTap({
    edges: [first, ...more],
    attemptsFile,
    logFile: join(context.folder, 'logs', 'tap.log'),
    guard,
    signal: context.signal,
  });
  const address = tap.listen.get(first.name) ?? '';
  return {
    tap,
    address,
    port: Number(address.slice(address.lastIndexOf(':') + 1)),
    attemptsFile,
    async attempts() {
      await tap.flush();
      return await readAttempts(attemptsFile);
    },
    rule: (rule) => tap.setRule({ id: 'rule', edge: first.name, seed: 1, forMs: 60_000, ...rule }),
    async [Symbol.asyncDispose]() {
      const log = readFileSync(tap.logFile, 'utf8');
      await tap.stop();
      await context[Symbol.asyncDispose]();
      if (guard.held.size > 0) throw new Error('the tap is still guarded');
      // Whatever came in, the process has nothing to complain of.
      if (log.split('\n').length > 2) throw new Error(`the tap said:\n${log}`);
    },
  };
}

export interface Listening extends AsyncDisposable {
  readonly address: string;
}

/** Listens on a free port of loopback; with all its connections it is gone at the end. */
export async function listening(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

/** A caller that speaks bytes. */
export interface RawCaller extends Disposable {
  readonly socket: Socket;
  /** All that came so far, as latin1. */
  readonly received: () => string;
  /** Settles with how the connection ended: "end", "close", or an error's code. */
  readonly ended: Promise<string>;
}

export function rawCaller(port: number): RawCaller {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => (received += text));
  const ended = new Promise<string>((resolve) => {
    socket.once('end', () => resolve('end'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('close', () => resolve('close'));
  });
  return { socket, received: () => received, ended, [Symbol.dispose]: () => void socket.destroy() };
}

/** Resident memory of a process in bytes. */
export function rssBytes(pid: number): number {
  const kiB = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kiB) * 1024;
}
