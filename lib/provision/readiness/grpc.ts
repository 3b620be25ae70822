import { Client, Metadata, type ServiceError, credentials, status } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import type { ReadinessProbe } from './probe.ts';

/** Method and messages of the gRPC health checking protocol: https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
const CHECK = '/grpc.health.v1.Health/Check';
const STATUS_FIELD = 1;
const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
const ATTEMPT_MS = 2_000;

/** Ready when the health service at "host:port" (no TLS) says that `service` ("" = the server as a whole) is SERVING. */
export function grpcReadiness(address: string, service = ''): ReadinessProbe {
  return {
    title: `gRPC health check of ${address}${service === '' ? '' : ` (${service})`}`,
    async ask(signal) {
      // A client a question: a channel that has failed waits longer and longer before it connects again.
      const client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
      try {
        const answer = await check(client, service, signal);
        return { ready: answer === 'SERVING', text: answer };
      } finally {
        client.close();
      }
    },
  };
}

function check(client: Client, service: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const call = client.makeUnaryRequest(
      CHECK,
      encodeRequest,
      decodeStatus,
      service,
      new Metadata(),
      { deadline: Date.now() + ATTEMPT_MS },
      (error, answer) => {
        signal.removeEventListener('abort', cancel);
        resolve(error === null ? (answer ?? 'UNKNOWN') : describe(error));
      },
    );
    const cancel = (): void => call.cancel();
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
  });
}

/** HealthCheckRequest: field 1, string. */
export function encodeRequest(service: string): Buffer {
  const writer = protobuf.Writer.create();
  if (service !== '') writer.uint32(0x0a).string(service);
  return Buffer.from(writer.finish());
}

/** HealthCheckResponse: field 1, enum; a field that is absent is 0. */
export function decodeStatus(bytes: Uint8Array): string {
  const reader = protobuf.Reader.create(bytes);
  let value = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === STATUS_FIELD) value = reader.int32();
    else reader.skipType(tag & 7);
  }
  return STATUSES[value] ?? `status ${value}`;
}

function describe({ code, details }: ServiceError): string {
  return code === status.UNIMPLEMENTED ? 'it has no grpc.health.v1.Health' : `${status[code] ?? code}: ${details}`;
}
