import type { Drill } from '../../../chaos/drills/drill.ts';
import { stepOf } from '../../../chaos/drills/drill.ts';
import { canaryBlocks } from '../../../chaos/drills/canary.ts';
import type { Second } from '../../observe/observations.ts';
import { type Decision, type Question, decide, detectableEffect } from '../comparison/decide.ts';
import { goodEvents } from '../good-events.ts';
import { sum, tallyPhase } from '../tally.ts';

/** What the blocks of one share say of the canary. */
export interface CanaryAnalysis {
  readonly question: Question;
  /** Undefined: too few blocks had any requests. */
  readonly decision: Decision | undefined;
  /** Share of bad requests in each block. */
  readonly without: readonly number[];
  readonly with: readonly number[];
  readonly events: number;
  /** How much worse the candidate must be for these blocks to tell, as a share of its requests. */
  readonly detectable: number;
}

/**
 * Sets the blocks of one share against each other (see `decide`): how many more of the requests were bad with the canary. It is
 * the same for the drill's act, which decides while the load runs, and for the judge. With a share of s per cent a candidate that is worse by
 * d shows as d × s, so that the margin is that much smaller; both sides are the same in every way when the candidate is as
 * good as the baseline, which the test rests on. The chance of a false alarm is shared among the shares.
 */
export function analyseCanary(drill: Drill<'canary'>, share: number, seconds: readonly Second[]): CanaryAnalysis {
  const { analysis, shares } = drill;
  const ratio = share / 100;
  const question: Question = {
    effect: 'difference',
    higherIsBetter: false,
    margin: analysis.margin * ratio,
    everyEventCounts: true,
    falseAlarm: analysis.falseAlarm / shares.length,
  };
  const blocks = canaryBlocks(share, drill).map(({ step, withCanary }) => {
    const tally = tallyPhase(seconds, stepOf(drill, step).phase, analysis);
    const { low, high } = goodEvents(tally, analysis.under);
    return { withCanary, total: tally.total, bad: tally.total - (low + high) / 2 };
  });
  const figures = (withCanary: boolean): readonly number[] =>
    blocks.filter((block) => block.withCanary === withCanary && block.total > 0).map(({ bad, total }) => bad / total);
  const [without, withIt] = [figures(false), figures(true)];
  const enough = Math.min(without.length, withIt.length) >= analysis.blocks;
  return {
    question,
    decision: enough ? decide(without, withIt, question) : undefined,
    without,
    with: withIt,
    events: sum(blocks, ({ total }) => total),
    detectable: enough
      ? detectableEffect(deviation(without), analysis.blocks, question) / ratio
      : Number.POSITIVE_INFINITY,
  };
}

function deviation(values: readonly number[]): number {
  const mean = sum(values, (value) => value) / values.length;
  return Math.sqrt(sum(values, (value) => (value - mean) ** 2) / Math.max(1, values.length - 1));
}
