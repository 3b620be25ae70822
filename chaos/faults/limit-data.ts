import type { EdgeTarget, FaultKind } from './fault-kind.ts';
import { type OnStream, toxicFault } from './toxic.ts';

/** A connection is closed once it has carried so many bytes in one direction. */
export interface LimitDataFault extends OnStream {
  readonly kind: 'limit-data';
  readonly bytes: number;
}

export const limitData: FaultKind<LimitDataFault, EdgeTarget> = {
  kind: 'limit-data',
  describe: ({ bytes, direction }) => `connections are closed after ${bytes} bytes of ${direction}`,
  ...toxicFault<LimitDataFault>(({ bytes }) => ({ type: 'limit_data', attributes: { bytes } })),
};
