import type { EdgeTarget, FaultKind } from './fault-kind.ts';
import { type OnRequests, describeDelay, describeSelection, requestFault } from './request-fault.ts';

/** Requests reach the callee late, each by its own seeded delay. */
export interface RequestDelayFault extends OnRequests {
  readonly kind: 'request-delay';
  readonly delayMs: number;
  readonly jitterMs: number;
}

export const requestDelay: FaultKind<RequestDelayFault, EdgeTarget> = {
  kind: 'request-delay',
  describe: (fault) => `${describeSelection(fault)} late by ${describeDelay(fault.delayMs, fault.jitterMs)}`,
  ...requestFault<RequestDelayFault>(({ delayMs, jitterMs }) => ({ type: 'delay', delayMs, jitterMs })),
};
