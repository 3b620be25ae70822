import type { DrillKind } from './drill-kind.ts';

/** Before the first request. */
export const LEAD_MS = 500;
/** For the last answers, the stop and the new start. */
const AFTER_MS = 6_000;

/** One step a service, named like it.                                                                  RBK-3 */
export const gracefulStop: DrillKind<'graceful-stop'> = {
  kind: 'graceful-stop',
  contract: ({ services }) =>
    `SIGTERM to ${services.map(({ service }) => service).join(' and ')}: what is in flight is answered`,
  steps: ({ services, over }) =>
    services.map(({ service }) => ({ step: service, durationMs: LEAD_MS + over + AFTER_MS })),
};
