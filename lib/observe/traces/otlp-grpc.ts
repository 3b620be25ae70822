import type { Socket } from 'node:net';
import { type MethodDefinition, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import type { Export } from './collector.ts';
import { BadExport } from './export.ts';

const MAX_BODY_BYTES = 16 * 1024 * 1024;

export interface OtlpGrpc extends Disposable {
  readonly serve: (socket: Socket) => void;
}

/**
 * OTLP/gRPC: TraceService/Export of opentelemetry-proto's collector v1, plain or gzip; what metrics and logs there are is
 * taken and thrown away. INVALID_ARGUMENT for a body that is none.
 */
export function otlpGrpc(onExport: (exported: Export) => void): OtlpGrpc {
  const server = new Server({ 'grpc.max_receive_message_length': MAX_BODY_BYTES });
  for (const signal of ['Trace', 'Metrics', 'Logs']) {
    server.addService(
      { Export: exportMethod(`opentelemetry.proto.collector.${signal.toLowerCase()}.v1.${signal}Service`) },
      {
        Export(
          { request }: { readonly request: Buffer },
          callback: (error: Partial<ServiceError> | null, answer?: object) => void,
        ) {
          try {
            if (signal === 'Trace') onExport({ body: request, encoding: 'protobuf' });
          } catch (error) {
            const code = error instanceof BadExport ? status.INVALID_ARGUMENT : status.INTERNAL;
            return callback({ code, details: (error as Error).message });
          }
          callback(null, {});
        },
      },
    );
  }
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return { serve: (socket) => injector.injectConnection(socket), [Symbol.dispose]: () => server.forceShutdown() };
}

/** Bodies stay bytes: they are decoded where JSON is, too. An empty answer is an empty message: everything was taken. */
function exportMethod(service: string): MethodDefinition<Buffer, object> {
  return {
    path: `/${service}/Export`,
    requestStream: false,
    responseStream: false,
    requestSerialize: (body) => body,
    requestDeserialize: (body) => body,
    responseSerialize: () => Buffer.alloc(0),
    responseDeserialize: () => ({}),
  };
}
