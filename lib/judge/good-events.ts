import { countBelow } from '../observe/histogram.ts';
import type { OperationWindow } from '../observe/observations.ts';
import { sumHistograms } from './tally.ts';
import type { Tally } from './tally.ts';

/** How many events are good: at least `low` surely are, at most `high` may be. */
export interface GoodEvents {
  readonly low: number;
  readonly high: number;
  /** True when all of them were counted one by one, in the generator; false when some come from a histogram. */
  readonly exact: boolean;
}

/**
 * Events that succeeded in under `underMs`. Windows in which the generator counted against that limit tell their number
 * as it is (but for what its clock can't tell); of the others the histogram tells it as an interval, as wide as what lies
 * in the limit's own bucket. Each resolution is looked at by itself: the finer ones are not spoilt by the coarsest.
 */
export function goodEvents({ windows }: Tally, underMs: number): GoodEvents {
  let [low, high] = [0, 0];
  const uncounted: OperationWindow[] = [];
  for (const window of windows) {
    const counted = window.within?.find((within) => within.underMs === underMs);
    if (counted !== undefined) {
      low += counted.low;
      high += counted.high;
    } else if (window.succeeded.count + window.failed.count > 0) uncounted.push(window);
  }
  const durations = uncounted.map(({ succeeded }) => succeeded);
  for (const ofSchema of Map.groupBy(durations, ({ schema }) => schema).values()) {
    const below = countBelow(sumHistograms(ofSchema), underMs / 1_000);
    low += below.low;
    high += below.high;
  }
  return { low, high, exact: uncounted.length === 0 && windows.length > 0 };
}
