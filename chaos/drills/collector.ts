import { formatDuration } from '../../lib/units.ts';
import type { DrillKind } from './drill-kind.ts';

/** What the services sent to the collector, step by step. */
export interface CollectorRecord {
  /** Spans that came in the first round while it was there, by service. */
  readonly spans: Readonly<Record<string, number>>;
  /** Those that came in the end, when it was back: exporters that gave up would not send any. */
  readonly spansAfter: Readonly<Record<string, number>>;
  /** Connections that were taken while it hung, and never answered. */
  readonly held: number;
}

/** What exporters need to find that the collector is there again. */
const BACK_MS = 3_000;

/** What the collector does in a step; each comes once a round. */
export const COLLECTOR_STATES = ['with', 'hang', 'down'] as const;
export type CollectorState = (typeof COLLECTOR_STATES)[number];

/** "hang-2" */
export function stepIn(state: CollectorState, round: number): string {
  return `${state}-${round}`;
}

/** 1, 2, … */
export function roundsOf({ rounds }: { readonly rounds: number }): readonly number[] {
  return Array.from({ length: rounds }, (_, index) => index + 1);
}

/**
 *   with-1    the collector takes spans
 *   hang-1    it takes connections, and never answers                                             TRC-2
 *   down-1    its ports are closed                                                                TRC-2
 *   with-2    and so on, round by round
 *   back      it takes spans again
 */
export const collector: DrillKind<'collector'> = {
  kind: 'collector',
  contract: ({ quantile, atMost, slack }) =>
    `without a collector of spans p${precise(quantile * 100)} is at most ${precise(atMost * 100)} % of what it is with one, and ${formatDuration(slack)}`,
  steps: (drill) => [
    ...roundsOf(drill).flatMap((round) =>
      COLLECTOR_STATES.map((state) => ({ step: stepIn(state, round), durationMs: drill.for })),
    ),
    { step: 'back', durationMs: BACK_MS },
  ],
};

/** Without the last bits that binary arithmetic leaves behind. */
function precise(value: number): number {
  return Number(value.toPrecision(12));
}
