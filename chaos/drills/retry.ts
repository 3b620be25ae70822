import { formatDuration, formatRatio } from '../../lib/units.ts';
import { GRPC_CODES } from '../grpc-codes.ts';
import type { DrillKind } from './drill-kind.ts';

/** Calls are counted before it, for what one request costs without any retry. */
const BEFORE_MS = 3_000;

/**
 *   before   how many calls a request makes when nothing fails
 *   outage   every call is answered with a failure that may be repeated                            RTY-1
 *   healed   well again: how the calls come back                                                  RTY-2
 */
export const retry: DrillKind<'retry'> = {
  kind: 'retry',
  contract: ({ budget, outage }) =>
    `in an outage of ${formatDuration(outage)} at most ${formatRatio(budget)} of the usual calls, spread over time`,
  steps: ({ on, outage, heal }, { protocolOf, seedOf }) => [
    { step: 'before', durationMs: BEFORE_MS },
    {
      step: 'outage',
      durationMs: outage,
      faults: on.map(({ edge, calls }) => ({
        name: `outage-${edge}`,
        fault: {
          kind: 'request-fail',
          edge,
          ...(calls === undefined ? {} : { operations: calls }),
          status: protocolOf(edge) === 'grpc' ? (GRPC_CODES['UNAVAILABLE'] ?? 14) : 503,
          seed: seedOf(`outage ${edge}`),
        },
      })),
    },
    { step: 'healed', durationMs: heal },
  ],
};
