import type { EventEmitter } from 'node:events';
import {
  type ClientReadableStream,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
  type Client,
  Metadata,
  Server,
  ServerCredentials,
  credentials,
  makeClientConstructor,
  status,
} from '@grpc/grpc-js';

const bytes = (value: Buffer): Buffer => value;
const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/test.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});

/** Messages are bytes as they are. */
const ECHO = {
  One: method('One', false, false),
  Down: method('Down', false, true),
  Up: method('Up', true, false),
  Both: method('Both', true, true),
} satisfies ServiceDefinition;

type AnyCall =
  | ServerUnaryCall<Buffer, Buffer>
  | ServerReadableStream<Buffer, Buffer>
  | ServerWritableStream<Buffer, Buffer>
  | ServerDuplexStream<Buffer, Buffer>;
type Answered = sendUnaryData<Buffer>;

/** What a callee has seen. */
export interface EchoLog {
  readonly calls: string[];
  readonly metadata: Metadata[];
  /** How long the callers would wait, in milliseconds. */
  readonly deadlinesMs: number[];
  canceled: number;
  finished: number;
}

export interface GrpcEcho extends AsyncDisposable {
  readonly address: string;
  readonly server: Server;
  readonly log: EchoLog;
}

/**
 * One: the message back; "fail": trailers alone, with code 5 and details; "wait": no answer. Down: the message five times,
 * then trailers. Up: all messages joined. Both: each message back. All answer with metadata, some of it bytes.
 */
export async function grpcEcho(): Promise<GrpcEcho> {
  const log: EchoLog = { calls: [], metadata: [], deadlinesMs: [], canceled: 0, finished: 0 };
  const begin = (name: string, call: AnyCall): void => {
    log.calls.push(name);
    log.metadata.push(call.metadata);
    log.deadlinesMs.push(Number(call.getDeadline()) - Date.now());
    (call as EventEmitter).on('cancelled', () => (log.canceled += 1));
    const initial = new Metadata();
    initial.add('seen', '1');
    initial.add('seen', '2');
    initial.add('raw-bin', Buffer.from([0, 255, 128]));
    call.sendMetadata(initial);
  };
  const trailers = new Metadata();
  trailers.add('late', 'yes');
  trailers.add('late-bin', Buffer.from([1, 0, 254]));
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  server.addService(ECHO, {
    One(call: ServerUnaryCall<Buffer, Buffer>, answer: Answered) {
      if (call.request.toString() === 'fail') {
        log.calls.push('One');
        return answer({ code: status.NOT_FOUND, details: 'no such thing: ä', metadata: trailers });
      }
      begin('One', call);
      if (call.request.toString() === 'wait') return undefined;
      log.finished += 1;
      return answer(null, call.request, trailers);
    },
    Down(call: ServerWritableStream<Buffer, Buffer>) {
      begin('Down', call);
      for (let index = 0; index < 5; index += 1) call.write(call.request);
      log.finished += 1;
      call.end(trailers);
    },
    Up(call: ServerReadableStream<Buffer, Buffer>, answer: Answered) {
      begin('Up', call);
      const parts: Buffer[] = [];
      call.on('data', (part: Buffer) => parts.push(part));
      call.on('end', () => {
        log.finished += 1;
        answer(null, Buffer.concat(parts), trailers);
      });
    },
    Both(call: ServerDuplexStream<Buffer, Buffer>) {
      begin('Both', call);
      call.on('data', (part: Buffer) => call.write(part));
      call.on('end', () => {
        log.finished += 1;
        call.end(trailers);
      });
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    server,
    log,
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}

/** How a call ended, as its caller sees it. */
export interface CallResult {
  readonly code: number;
  readonly details: string;
  readonly metadata: Record<string, unknown>;
  readonly trailers: Record<string, unknown>;
  readonly messages: readonly string[];
}

const EchoClient = makeClientConstructor(ECHO, 'Echo');

export interface GrpcCaller extends Disposable {
  readonly client: Client;
  call(name: keyof typeof ECHO, messages: readonly (string | Buffer)[], options?: CallSettings): RunningCall;
}

export interface CallSettings {
  readonly metadata?: Metadata;
  readonly deadlineMs?: number;
}

export interface RunningCall extends Promise<CallResult> {
  cancel(): void;
}

/** A client with a connection of its own, that does not repeat calls by itself. */
export function grpcCaller(address: string): GrpcCaller {
  const client = new EchoClient(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    'grpc.max_receive_message_length': -1,
  });
  return {
    client,
    call(name, messages, { metadata = new Metadata(), deadlineMs } = {}) {
      const options = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
      const { path, requestStream } = ECHO[name];
      const [first = ''] = messages;
      let call: ClientReadableStream<Buffer>;
      if (requestStream) {
        const both = client.makeBidiStreamRequest(path, bytes, bytes, metadata, options);
        for (const message of messages) both.write(Buffer.from(message as string));
        both.end();
        call = both;
      } else call = client.makeServerStreamRequest(path, bytes, bytes, Buffer.from(first as string), metadata, options);
      const received: string[] = [];
      let initial = new Metadata();
      const result = new Promise<CallResult>((resolve) => {
        call.on('metadata', (seen: Metadata) => (initial = seen));
        call.on('data', (message: Buffer) => received.push(message.toString('latin1')));
        call.on('error', () => {});
        call.on('status', ({ code, details, metadata: trailers }) =>
          resolve({
            code,
            details,
            metadata: plain(initial),
            trailers: plain(trailers),
            messages: received,
          }),
        );
      });
      return Object.assign(result, { cancel: () => call.cancel() });
    },
    [Symbol.dispose]: () => client.close(),
  };
}

/** Without what differs from call to call. */
function plain(metadata: Metadata): Record<string, unknown> {
  metadata.remove('date');
  return metadata.toJSON();
}
