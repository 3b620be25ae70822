import { GRPC_CODES } from '../grpc-codes.ts';

/** Whether a request's status is one of its protocol's, and not what the transport had to say: "ECONNREFUSED", "canceled". */
export function isAnswer(status: string): boolean {
  return status.startsWith('HTTP ') || Object.hasOwn(GRPC_CODES, status);
}
