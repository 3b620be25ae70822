import { formatDuration } from '../../lib/units.ts';
import type { DrillKind } from './drill-kind.ts';

/** The load goes on as before for so long, before the kill; a little more than the windows need is watched at the end. */
const LEAD_MS = 1_000;
const WATCH_MS = 5_000;

/** One step a service, named like it: killed after a second, started again `down` later, and watched.      RBK-6 */
export const restore: DrillKind<'restore'> = {
  kind: 'restore',
  contract: ({ services, within, operation, under }) =>
    `${services.join(' and ')} killed under load: ${operation === '*' ? 'all requests' : operation} under ${formatDuration(under)} again within ${formatDuration(within)}`,
  steps: ({ services, down, within }) =>
    services.map((service) => ({
      step: service,
      durationMs: LEAD_MS + down + within + WATCH_MS,
      faults: [
        {
          name: restoreFault(service),
          fault: { kind: 'kill', service },
          fromMs: LEAD_MS,
          untilMs: LEAD_MS + down,
        },
      ],
    })),
};

/** The fault's name without the drill's in front. */
export function restoreFault(service: string): string {
  return `kill-${service}`;
}
