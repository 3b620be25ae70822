import { formatDuration, formatRatio } from '../../lib/units.ts';
import type { DrillKind } from './drill-kind.ts';

/**
 *   hanging   a share of the calls, by the seed, is never answered                                  TMO-1
 *   settle    the last of them end
 *
 * A share, and not all: a breaker that opens would keep the others from being made.
 */
export const timeoutDrill: DrillKind<'timeout'> = {
  kind: 'timeout',
  contract: ({ deadline, share }) =>
    `every request ends within ${formatDuration(deadline)}, also when ${formatRatio(share)} of its calls are never answered`,
  steps: ({ on, share, deadline, slack, for: durationMs }, { seedOf }) => [
    {
      step: 'hanging',
      durationMs,
      faults: on.map(({ edge, calls }) => ({
        name: `hanging-${edge}`,
        fault: {
          kind: 'request-hang',
          edge,
          ...(calls === undefined ? {} : { operations: calls }),
          share,
          seed: seedOf(`hanging ${edge}`),
        },
      })),
    },
    { step: 'settle', durationMs: deadline + slack + 1_000 },
  ],
};
