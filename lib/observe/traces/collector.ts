import { type Gate, type GateState, openGate } from './gate.ts';
import { otlpGrpc } from './otlp-grpc.ts';
import { otlpHttp } from './otlp-http.ts';

/** What a service exported: one ExportTraceServiceRequest. */
export interface Export {
  readonly body: Uint8Array;
  readonly encoding: 'protobuf' | 'json';
}

/** A collector of spans on two ports of the loopback interface. Disposing of it closes them. */
export interface Collector extends AsyncDisposable {
  /** "127.0.0.1:NNNN" */
  readonly http: string;
  readonly grpc: string;
  /** Connections that were taken while it hung. */
  readonly held: () => number;
  /** Both ports at once. EnvironmentError('port-lost'). */
  set(state: GateState): Promise<void>;
}

/**
 * `onExport` gets each body; where it throws BadExport, the sender is told so. Ports: 0 or none is a free one.
 * EnvironmentError('port-in-use').
 */
export async function startCollector(
  onExport: (exported: Export) => void,
  ports: { readonly http?: number | undefined; readonly grpc?: number | undefined } = {},
): Promise<Collector> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(otlpGrpc(onExport));
  const http = stack.use(await openGate(otlpHttp(onExport), ports.http));
  const grpc = stack.use(await openGate(server.serve, ports.grpc));
  const gates: readonly Gate[] = [http, grpc];
  const started = stack.move();
  return {
    http: http.address,
    grpc: grpc.address,
    held: () => http.held() + grpc.held(),
    async set(state) {
      await Promise.all(gates.map((gate) => gate.set(state)));
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
