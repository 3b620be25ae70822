import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  connect,
  createServer,
} from 'node:http2';
import { type TestTap, listening, testTap } from '../tap-fixture.ts';

/** No limits of Node's own that are narrower than what is tested. */
const WIDE = {
  settings: { maxHeaderListSize: 1024 * 1024 },
  maxSendHeaderBlockLength: 1024 * 1024,
  maxSessionMemory: 1_000,
  streamResetBurst: 1_000_000,
  streamResetRate: 1_000_000,
};

/** A real HTTP/2 client and a real server, with a tap between them. */
export interface TappedSession extends AsyncDisposable {
  readonly tap: TestTap;
  readonly caller: ClientHttp2Session;
  /** The callee's ends of the connections. */
  readonly sessions: readonly ServerHttp2Session[];
  /** How the callee answers; default: "hello". */
  serve: (stream: ServerHttp2Stream, headers: Record<string, unknown>) => void;
  /** Begins a request. */
  post(headers?: Record<string, unknown>): ClientHttp2Stream;
}

export async function tappedSession(): Promise<TappedSession> {
  const server = createServer({
    ...WIDE,
    settings: { ...WIDE.settings, maxConcurrentStreams: 7, initialWindowSize: 1_000_000 },
  });
  const sessions: ServerHttp2Session[] = [];
  server.on('session', (session: ServerHttp2Session) => sessions.push(session));
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {});
    tapped.serve(stream, headers);
  });
  const callee = await listening(server);
  const tap = await testTap('grpc', callee.address);
  const caller = connect(`http://${tap.address}`, WIDE).on('error', () => {});
  const tapped: TappedSession = {
    tap,
    caller,
    sessions,
    serve: (stream) => {
      stream.respond({ ':status': 200 });
      stream.end('hello');
    },
    post: (headers = {}) =>
      caller.request({ ':method': 'POST', ':path': '/a.B/C', ...(headers as object) }).on('error', () => {}),
    async [Symbol.asyncDispose]() {
      caller.destroy();
      await tap[Symbol.asyncDispose]();
      await callee[Symbol.asyncDispose]();
    },
  };
  return tapped;
}

/** The code with which a stream is closed. */
export function closed(stream: ClientHttp2Stream): Promise<number> {
  return new Promise((resolve) => stream.once('close', () => resolve(stream.rstCode)));
}
