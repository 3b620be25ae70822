import type { DrillOf } from '../../lib/plan/schema/drills.ts';
import type { Traffic } from '../../lib/plan/schema/load.ts';
import type { DrillKind, StepPlan } from './drill-kind.ts';

/** Windows of one second are complete 1.5 s after their end; what has begun in the last block has ended by then, too. */
const ANALYSIS_MS = 5_000;
/** Time for enough calls that would arrive if they still could. */
const WATCH_MS = 4_000;

/** What the drill saw that no other observation holds; written by its act, read by its judge. */
export interface CanaryRecord {
  /** Steps whose traffic was in force too late, or not at all. */
  readonly notMoved: readonly string[];
  /** What was decided at each share, in order; a share that is not there was not reached. */
  readonly decisions: readonly { readonly share: number; readonly stop: boolean; readonly atMs: number }[];
  /** When the switch showed that a canary that was stopped has no traffic; undefined: it did not, or was not stopped. */
  readonly backMs?: number;
  readonly backError?: string;
}

/** A stretch of time with the canary, or without it. */
export interface CanaryBlock {
  readonly step: string;
  /** The step before it in which its traffic is moved; undefined: it is where it should be. */
  readonly settle: string | undefined;
  readonly withCanary: boolean;
}

type Shares = Pick<DrillOf<'canary'>, 'analysis'>;

/** The blocks of one share, without and with the canary in turn as ABBA ABBA …, so that a drift hits both alike. */
export function canaryBlocks(share: number, { analysis }: Shares): readonly CanaryBlock[] {
  const isWith = (index: number): boolean => ![0, 3].includes(index % 4);
  return Array.from({ length: 2 * analysis.blocks }, (_, index) => {
    const step = `${shareName(share)}-${String(index + 1).padStart(2, '0')}`;
    const moves = index === 0 || isWith(index) !== isWith(index - 1);
    return { step, settle: moves ? `${step}-settle` : undefined, withCanary: isWith(index) };
  });
}

/** The step in which a share's blocks are looked at; the canary has its share. */
export function analysisStep(share: number): string {
  return `${shareName(share)}-analysis`;
}

export function canaryTraffic(share: number): Traffic {
  return share === 100 ? 'full' : { canary: share };
}

function shareName(share: number): string {
  return String(share).replace('.', '-');
}

/**
 * For each share: blocks without and with the canary, and time to analyse them. Its act moves the traffic, since a canary that is
 * stopped gets none any more; the load goes on to the end.
 */
export const canary: DrillKind<'canary'> = {
  kind: 'canary',
  contract: ({ capability, shares, analysis }) =>
    `${capability} to the candidate at ${shares.join(', ')} %, each time ${analysis.blocks} blocks against ${analysis.blocks} without it; ` +
    'stopped as soon as it is worse',
  steps(drill) {
    const { shares, analysis, edges, within } = drill;
    return [
      ...shares.flatMap((share) => [
        ...canaryBlocks(share, drill).flatMap(({ step, settle, withCanary }, index): StepPlan[] => {
          const variant = withCanary ? ('candidate' as const) : ('baseline' as const);
          const block = { of: shareName(share), variant, index, settling: false };
          return [
            ...(settle === undefined
              ? []
              : [{ step: settle, durationMs: analysis.settle, block: { ...block, settling: true } }]),
            { step, durationMs: analysis.block, block },
          ];
        }),
        { step: analysisStep(share), durationMs: ANALYSIS_MS },
      ]),
      ...(edges.length === 0 ? [] : [{ step: 'after', durationMs: within + WATCH_MS }]),
    ];
  },
};
