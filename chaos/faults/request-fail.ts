import { grpcCodeName } from '../grpc-codes.ts';
import type { EdgeTarget, FaultKind } from './fault-kind.ts';
import { type OnRequests, describeSelection, requestFault } from './request-fault.ts';

/** Requests are answered with a failure and do not reach the callee. */
export interface RequestFailFault extends OnRequests {
  readonly kind: 'request-fail';
  /** An HTTP status, or on a gRPC edge a code. */
  readonly status: number;
}

export const requestFail: FaultKind<RequestFailFault, EdgeTarget> = {
  kind: 'request-fail',
  describe: (fault) =>
    `${describeSelection(fault)} answered with ${fault.status < 100 ? grpcCodeName(fault.status) : fault.status}`,
  ...requestFault<RequestFailFault>(({ status }) => ({ type: 'fail', status })),
};
