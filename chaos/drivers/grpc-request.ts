import { resolve as resolvePath } from 'node:path';
import {
  type ClientReadableStream,
  Client,
  Metadata,
  type MethodDefinition,
  type ServiceDefinition,
  type StatusObject,
  credentials,
  status as codes,
} from '@grpc/grpc-js';
import { load } from '@grpc/proto-loader';
import { EnvironmentError } from '../../lib/errors.ts';
import type { DrillRequestSpec } from '../../lib/plan/schema/requests.ts';
import { type Answer, type SendOptions, contextOf, resolveJson } from './request-options.ts';

type GrpcSpec = Extract<DrillRequestSpec, { grpc: unknown }>['grpc'];
const CONNECT_MS = 2_000;
/** Headers that are about the transport. */
const TRANSPORT: readonly string[] = ['content-type', 'content-length', 'date', 'server', 'trailer'];

type Method = MethodDefinition<object, object>;

/** One gRPC call, unary or a server stream, without TLS. EnvironmentError('no-such-method'). */
export async function sendGrpc(spec: GrpcSpec, options: SendOptions): Promise<Answer> {
  const { resolve, signal, cancelAfterMs, headers: wanted, session } = options;
  const read = (): Promise<Method> => methodOf(spec, options);
  const method = await (session?.method(`${spec.protoPath} ${spec.method}`, read) ?? read());
  const metadata = new Metadata();
  const context = contextOf(options);
  if (context !== undefined) metadata.set('traceparent', context);
  for (const [name, value] of Object.entries(spec.metadata)) metadata.set(name, resolve(value));
  const message = resolveJson(spec.message, resolve) as object;
  const address = resolve(spec.address);
  const client = session?.client(address, () => clientOf(address)) ?? clientOf(address);
  const { path, requestSerialize, responseDeserialize } = method;
  try {
    const problem = await connected(client);
    if (problem !== undefined) return { status: problem, ok: false, items: [] };
    const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, message, metadata);
    const cancel = (): void => call.cancel();
    const timer = cancelAfterMs === undefined ? undefined : setTimeout(cancel, cancelAfterMs);
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    try {
      return await collect(call, wanted);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
    }
  } finally {
    if (session === undefined) client.close();
  }
}

function clientOf(address: string): Client {
  return new Client(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    // Only what this asks for: a call that the library repeats by itself would be one more than was sent.
    'grpc.enable_retries': 0,
  });
}

/** Waits for the connection; why there is none. */
function connected(client: Client): Promise<string | undefined> {
  return new Promise((resolve) => {
    client.waitForReady(Date.now() + CONNECT_MS, (error) => resolve(error === undefined ? undefined : 'UNAVAILABLE'));
  });
}

/** A unary answer is a stream of one message. The status may be known before the last message is read. */
function collect(call: ClientReadableStream<object>, wanted?: readonly string[]): Promise<Answer> {
  const items: object[] = [];
  let headers: Readonly<Record<string, string>> = {};
  return new Promise((resolve) => {
    let [ended, status]: [boolean, StatusObject | undefined] = [false, undefined];
    const settle = (): void => {
      if (status === undefined || (status.code === codes.OK && !ended)) return;
      resolve({ ...answerOf(status, items), ...(wanted === undefined ? {} : headersOf(status, headers, wanted)) });
    };
    call.on('data', (message: object) => items.push(message));
    call.on('metadata', (metadata: Metadata) => (headers = textsOf(metadata)));
    call.on('error', () => {});
    call.on('end', () => {
      ended = true;
      settle();
    });
    call.on('status', (received: StatusObject) => {
      status = received;
      settle();
    });
  });
}

function answerOf({ code }: StatusObject, items: readonly object[]): Answer {
  const status = code === codes.CANCELLED ? 'canceled' : (codes[code] ?? `code ${code}`);
  return { status, ok: code === codes.OK, items };
}

/** The status' text is asked for by the name that it has on the wire. */
function headersOf(
  { code, details, metadata }: StatusObject,
  headers: Readonly<Record<string, string>>,
  wanted: readonly string[],
): Pick<Answer, 'headers' | 'trailers'> {
  const all: Readonly<Record<string, string>> = {
    ...headers,
    ...(code === codes.OK || details === '' ? {} : { 'grpc-message': details }),
  };
  const chosen = wanted.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]]));
  return { headers: Object.fromEntries(chosen), trailers: trailersOf(metadata, headers) };
}

/** Where there was no answer but a status alone, HTTP's own headers come with it. */
function trailersOf(metadata: Metadata, headers: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(textsOf(metadata)).filter(
    ([name]) => !name.startsWith('grpc-') && !TRANSPORT.includes(name) && headers[name] === undefined,
  );
  return Object.fromEntries(own);
}

function textsOf(metadata: Metadata): Record<string, string> {
  const names = Object.keys(metadata.getMap());
  return Object.fromEntries(
    names.map((name) => [
      name,
      metadata
        .get(name)
        .map((value) => (typeof value === 'string' ? value : value.toString('base64')))
        .join(', '),
    ]),
  );
}

async function methodOf(spec: GrpcSpec, { resolve, root }: SendOptions): Promise<Method> {
  const folder = resolvePath(root, resolve(spec.protoPath));
  const [service = '', name = ''] = spec.method.split('/');
  try {
    const definitions = await load([...spec.protoFiles], {
      includeDirs: [folder],
      keepCase: false,
      longs: String,
      defaults: true,
    });
    const method = (definitions[service] as ServiceDefinition | undefined)?.[name] as Method | undefined;
    // What has no path is not a call, but something that every object has.
    if (method?.path !== undefined && !method.requestStream) return method;
  } catch (cause) {
    throw new EnvironmentError('no-such-method', `drill: ${folder}: ${(cause as Error).message}`, { cause });
  }
  throw new EnvironmentError('no-such-method', `drill: ${spec.protoFiles.join(', ')} have no call ${spec.method}`, {
    hint: 'write "package.Service/Method" of a unary call or a server stream',
  });
}
