import type { HeaderField } from '../hpack/decoder.ts';
import { encodeFields } from '../hpack/encoder.ts';
import { valueOf } from './stream.ts';

/** gRPC's code for an answer that comes from no gRPC server, by its HTTP status (grpc/grpc, doc/http-grpc-status-mapping.md). */
const CODE_OF_HTTP: Readonly<Record<number, number>> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
};
const UNKNOWN = 2;

/** The gRPC code of an answer that is over, as its caller sees it. */
export function grpcCodeOf(httpStatus: number | undefined, trailers: readonly HeaderField[]): number {
  const said = valueOf(trailers, 'grpc-status');
  if (said !== undefined && /^\d{1,3}$/.test(said)) return Number(said);
  return CODE_OF_HTTP[httpStatus ?? 0] ?? UNKNOWN;
}

/** The tap's own answer, in the callee's place: trailers alone. */
export function failureFields(code: number): Buffer {
  return encodeFields([
    [':status', '200'],
    ['content-type', 'application/grpc'],
    ['grpc-status', String(code)],
  ]);
}
