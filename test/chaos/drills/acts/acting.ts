import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import {
  Metadata,
  Server as GrpcServer,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { load } from '@grpc/proto-loader';
import { actDrills } from '../../../../chaos/drills/acts/act-drills.ts';
import type { ActContext } from '../../../../chaos/drills/acts/act.ts';
import type { DrillObservation } from '../../../../lib/observe/observations.ts';
import type { Plan } from '../../../../lib/plan/plan.ts';
import { drillPlan } from '../../../judge/drills/plans.ts';
import { testContext } from '../../../helpers/run-context.ts';

export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** Lets a drill do what it does by itself, on a clock that begins with its first step. */
export async function act(
  input: object,
  more: Partial<ActContext> = {},
): Promise<{ plan: Plan; seen: DrillObservation }> {
  const plan = drillPlan(input);
  const fromMs = plan.drills[0]?.steps[0]?.startMs ?? 0;
  const startedMs = performance.now();
  await using context = await testContext();
  const [seen] = await actDrills(plan.drills, {
    context,
    root: ROOT,
    seed: 7,
    resolve: (one) => one,
    nowMs: () => performance.now() - startedMs + fromMs,
    signal: context.signal,
    ...more,
  } as ActContext);
  if (seen === undefined) throw new Error('the drill has seen nothing');
  return { plan, seen };
}

export interface TestServer extends AsyncDisposable {
  /** "127.0.0.1:NNNN" */
  readonly address: string;
}

/** A server that answers JSON. */
export async function jsonServer(
  handle: (request: IncomingMessage, body: string, response: ServerResponse) => { status?: number; body: unknown },
): Promise<TestServer> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status = 200, body } = handle(request, await text(request), response);
    if (response.writableEnded) return;
    if (!response.headersSent) response.setHeader('content-type', 'application/json');
    response.writeHead(status).end(JSON.stringify(body));
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type Reply = {
  readonly message?: object;
  readonly code?: number;
  readonly details?: string;
  readonly trailers?: Readonly<Record<string, string>>;
};

/** A server of the calls "Service/Method" of these .proto files. */
export async function grpcServer(
  folder: string,
  files: readonly string[],
  handlers: Readonly<Record<string, (message: Readonly<Record<string, unknown>>, metadata: Metadata) => Reply>>,
): Promise<TestServer> {
  const definitions = await load([...files], { includeDirs: [folder], keepCase: false, longs: String, defaults: true });
  const server = new GrpcServer();
  for (const [service, group] of Map.groupBy(Object.keys(handlers), (name) => name.split('/')[0] ?? '')) {
    const calls = Object.fromEntries(
      group.map((name) => [
        name.split('/')[1] ?? '',
        ({ request, metadata }: ServerUnaryCall<Record<string, unknown>, object>, done: sendUnaryData<object>) => {
          const { message = {}, code, details, trailers = {} } = handlers[name]?.(request, metadata) ?? {};
          const after = new Metadata();
          for (const [key, value] of Object.entries(trailers)) after.set(key, value);
          if (code === undefined) done(null, message, after);
          else done({ code, details: details ?? '', metadata: after });
        },
      ]),
    );
    server.addService(definitions[service] as ServiceDefinition, calls);
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, [Symbol.asyncDispose]: () => Promise.resolve(server.forceShutdown()) };
}
