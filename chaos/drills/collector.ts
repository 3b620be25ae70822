import { formatDuration } from '../../lib/units.ts';
import type { DrillKind } from './drill-kind.ts';

/** What the services sent to the collector, step by step. */
export interface CollectorRecord {
  /** Spans that came while it was there, by service. */
  readonly spans: Readonly<Record<string, number>>;
  /** Those that came again after it was down: exporters that gave up would not. */
  readonly spansAfter: Readonly<Record<string, number>>;
  /** Connections that were taken while it hung, and never answered. */
  readonly held: number;
}

/** What exporters need to find that the collector is there again. */
const BACK_MS = 4_000;

/**
 *   with    the collector takes spans
 *   hang    it takes connections, and never answers                                               TRC-2
 *   down    its ports are closed                                                                  TRC-2
 *   back    it takes spans again
 */
export const collector: DrillKind<'collector'> = {
  kind: 'collector',
  contract: ({ quantile, atMost, slack }) =>
    `without a collector of spans p${precise(quantile * 100)} is at most ${precise(atMost * 100)} % of what it is with one, and ${formatDuration(slack)}`,
  steps: (drill) => [
    { step: 'with', durationMs: drill.for },
    { step: 'hang', durationMs: drill.for },
    { step: 'down', durationMs: drill.for },
    { step: 'back', durationMs: BACK_MS },
  ],
};

/** Without the last bits that binary arithmetic leaves behind. */
function precise(value: number): number {
  return Number(value.toPrecision(12));
}
