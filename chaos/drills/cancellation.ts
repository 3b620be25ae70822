import { formatDuration } from '../../lib/units.ts';
import type { DrillKind } from './drill-kind.ts';

/** Before the drill's own requests, and after the last of their calls must be over. */
export const CANCELLATION_LEAD_MS = 500;
const SLACK_MS = 1_000;

/**
 *   canceled   no call is answered; the drill's own clients give up soon                            TMO-2
 */
export const cancellation: DrillKind<'cancellation'> = {
  kind: 'cancellation',
  contract: ({ cancelAfter, within, copies }) =>
    `${copies} clients go away after ${formatDuration(cancelAfter)}: their calls are over within ${formatDuration(within)}`,
  steps: ({ on, cancelAfter, within }, { seedOf }) => [
    {
      step: 'canceled',
      durationMs: CANCELLATION_LEAD_MS + cancelAfter + within + SLACK_MS,
      faults: on.map(({ edge, calls }) => ({
        name: `canceled-${edge}`,
        fault: {
          kind: 'request-hang',
          edge,
          ...(calls === undefined ? {} : { operations: calls }),
          seed: seedOf(`canceled ${edge}`),
        },
      })),
    },
  ],
};
