import { resolve as resolvePath } from 'node:path';
import {
  type ClientReadableStream,
  Client,
  Metadata,
  type MethodDefinition,
  type ServiceDefinition,
  type ServiceError,
  credentials,
  status as codes,
} from '@grpc/grpc-js';
import { load } from '@grpc/proto-loader';
import { EnvironmentError } from '../../lib/errors.ts';
import type { DrillRequestSpec } from '../../lib/plan/schema/requests.ts';
import { type Answer, type SendOptions, resolveJson, traceparent } from './request-options.ts';

type GrpcSpec = Extract<DrillRequestSpec, { grpc: unknown }>['grpc'];
const CONNECT_MS = 2_000;

type Method = MethodDefinition<object, object>;

/** One gRPC call, unary or a server stream, without TLS. EnvironmentError('no-such-method'). */
export async function sendGrpc(spec: GrpcSpec, options: SendOptions): Promise<Answer> {
  const { resolve, signal, traceId, cancelAfterMs } = options;
  const method = await methodOf(spec, options);
  const metadata = new Metadata();
  metadata.set('traceparent', traceparent(traceId));
  for (const [name, value] of Object.entries(spec.metadata)) metadata.set(name, resolve(value));
  const message = resolveJson(spec.message, resolve) as object;
  const client = new Client(resolve(spec.address), credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    // Only what this asks for: a call that the library repeats by itself would be one more than was sent.
    'grpc.enable_retries': 0,
  });
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
      return await collect(call);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
    }
  } finally {
    client.close();
  }
}

/** Waits for the connection; why there is none. */
function connected(client: Client): Promise<string | undefined> {
  return new Promise((resolve) => {
    client.waitForReady(Date.now() + CONNECT_MS, (error) => resolve(error === undefined ? undefined : 'UNAVAILABLE'));
  });
}

/** A unary answer is a stream of one message. */
function collect(call: ClientReadableStream<object>): Promise<Answer> {
  const items: object[] = [];
  return new Promise((resolve) => {
    call.on('data', (message: object) => items.push(message));
    call.on('error', ({ code }: ServiceError) => {
      resolve({ status: code === codes.CANCELLED ? 'canceled' : (codes[code] ?? `code ${code}`), ok: false, items });
    });
    call.on('end', () => resolve({ status: 'OK', ok: true, items }));
  });
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
