import type { EdgeTarget, FaultKind } from './fault-kind.ts';
import { type OnRequests, describeSelection, requestFault } from './request-fault.ts';

/** The callee does its work, but its answer is lost: the caller's connection is cut instead. */
export interface RequestCutFault extends OnRequests {
  readonly kind: 'request-cut';
}

export const requestCut: FaultKind<RequestCutFault, EdgeTarget> = {
  kind: 'request-cut',
  describe: (fault) => `answers of ${describeSelection(fault)} lost`,
  ...requestFault<RequestCutFault>(() => ({ type: 'cut' })),
};
