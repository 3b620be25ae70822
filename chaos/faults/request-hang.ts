import type { EdgeTarget, FaultKind } from './fault-kind.ts';
import { type OnRequests, describeSelection, requestFault } from './request-fault.ts';

/** Requests are never answered and do not reach the callee; they end when their caller gives up. */
export interface RequestHangFault extends OnRequests {
  readonly kind: 'request-hang';
}

export const requestHang: FaultKind<RequestHangFault, EdgeTarget> = {
  kind: 'request-hang',
  describe: (fault) => `${describeSelection(fault)} never answered`,
  ...requestFault<RequestHangFault>(() => ({ type: 'hang' })),
};
