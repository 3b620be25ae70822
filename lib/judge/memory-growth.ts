import type { Check } from '../../reports/model/verdict.ts';
import type { Second } from '../observe/observations.ts';
import type { MemoryGrowthBudget } from '../plan/schema/budgets.ts';
import { binned } from './bins.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { longerBy } from './longer.ts';
import { samplesOf, tooFewSamples } from './resource-samples.ts';
import { safely } from './safely.ts';
import { theilSen } from './statistics/theil-sen.ts';
import type { Point } from './statistics/theil-sen.ts';
import { sum } from './tally.ts';
import { bytes, count, percent } from './words.ts';

const BIN_SECONDS = 2;
/** The slope takes every pair of bins. */
const MOST_BINS = 120;
/**
 * Red needs a growth in the phase that is this many times what memory wobbles by: what stays where it is for a while looks like
 * a trend in a phase that is no longer than some of those whiles.
 */
const WOBBLES = 3;
/** Fewer bins have no 95 % interval that is worth the name. */
const LEAST_BINS = 10;

/**
 * "`service`'s resident memory grows by ≤ `atMost`": the Theil–Sen slope of the phase's samples, averaged in bins of at least
 * 2 s, with its 95 % interval (`theilSen`). It holds when the upper bound does, fails when the lower bound is above the
 * limit and the growth beyond it stands out of what memory wobbles by, and is inconclusive in between. A relative limit is of the phase's median. What grows only at the phase's start
 * counts as well; the hint says so.
 */
export function judgeMemoryGrowth(id: string, budget: MemoryGrowthBudget, seconds: readonly Second[]): Check {
  const { service, phase } = budget;
  const limit = `≤ ${limitText(budget)}`;
  const title = budget.name ?? `${service}: memory grows by ${limit} in ${phase}`;
  return safely({ id, title, kind: 'memory-growth', service, phase, limit }, () => finding(budget, seconds));
}

function finding(budget: MemoryGrowthBudget, seconds: readonly Second[]): Finding {
  const { service, phase } = budget;
  const samples = samplesOf(seconds, phase, service);
  const missing = tooFewSamples(samples, service, LEAST_BINS * BIN_SECONDS);
  if (missing !== undefined) return missing;
  const points = binned(samples, { leastSeconds: BIN_SECONDS, mostBins: MOST_BINS }).map((bin) => ({
    x: sum(bin, ({ t }) => t + 0.5) / bin.length,
    y: sum(bin, ({ rssBytes }) => rssBytes) / bin.length,
  }));
  const medianBytes = medianOf(points.map(({ y }) => y));
  if (points.length < LEAST_BINS || !(medianBytes > 0)) {
    return inconclusive('the samples have no memory figure, or too many are missing', { events: samples.length });
  }

  const slope = theilSen(points);
  const perHour = 3_600 / ('ratioPerHour' in budget.atMost ? medianBytes : 1);
  const [estimate, lower, upper] = [slope.estimate * perHour, slope.lower * perHour, slope.upper * perHour];
  const atMost = 'ratioPerHour' in budget.atMost ? budget.atMost.ratioPerHour : budget.atMost.bytesPerHour;
  const words = (value: number): string => {
    if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
    return 'ratioPerHour' in budget.atMost ? `${percent(value, atMost)}/h` : `${bytes(value, atMost)}/h`;
  };
  const interval = `${words(estimate)} (95 %: ${words(lower)} to ${words(upper)})`;
  const result = {
    measured: interval,
    events: samples.length,
    evidence: figures({
      bytesPerHour: slope.estimate * 3_600,
      bytesPerHourLower: slope.lower * 3_600,
      bytesPerHourUpper: slope.upper * 3_600,
      medianRssBytes: medianBytes,
      ...('ratioPerHour' in budget.atMost ? { atMostRatioPerHour: atMost } : { atMostBytesPerHour: atMost }),
      bins: points.length,
      seconds: samples.length,
    }),
  };
  const text = `it grows by ${interval}, over ${count(samples.length, 'second')}`;
  if (upper <= atMost) return { outcome: 'pass', reason: text, ...result };
  const warming = isWarmingUp(points)
    ? '; most of the growth came in the first part of the phase: a longer warm-up before it may be all it takes'
    : '';
  const spanSeconds = (points.at(-1)?.x ?? 0) - (points[0]?.x ?? 0);
  const beyondBytes = ((estimate - atMost) / perHour) * spanSeconds;
  if (lower > atMost && beyondBytes > WOBBLES * wobbleOf(points, slope.estimate)) {
    const reason = `${text}; at most ${limitText(budget)} allowed`;
    return { outcome: 'fail', reason, ...result, ...(warming === '' ? {} : { hint: warming.slice(2) }) };
  }
  // A slope's interval narrows with the number of samples and with the time that they span: as length^−1.5.
  const factor = (Math.max(upper - estimate, estimate - lower) / Math.abs(atMost - estimate)) ** (2 / 3);
  return inconclusive(`${text}: too short or too uneven to tell whether that is at most ${limitText(budget)}`, {
    ...result,
    hint: `${longerBy(factor, samples.length)}${warming}`,
  });
}

/** By how much memory moves around its trend: the standard deviation, from the median of the deviations. */
function wobbleOf(points: readonly Point[], slope: number): number {
  const residuals = points.map(({ x, y }) => y - slope * x);
  const middle = medianOf(residuals);
  return 1.4826 * medianOf(residuals.map((residual) => Math.abs(residual - middle)));
}

function limitText({ atMost }: MemoryGrowthBudget): string {
  return 'ratioPerHour' in atMost ? `${percent(atMost.ratioPerHour)}/h` : `${bytes(atMost.bytesPerHour)}/h`;
}

/** Whether the first half of the phase grew more than twice as much as the second, by the medians of its thirds. */
function isWarmingUp(points: readonly Point[]): boolean {
  const third = Math.floor(points.length / 3);
  const [first, middle, last] = [points.slice(0, third), points.slice(third, -third), points.slice(-third)].map(
    (part) => medianOf(part.map(({ y }) => y)),
  );
  const [early, late] = [(middle ?? 0) - (first ?? 0), (last ?? 0) - (middle ?? 0)];
  return early > 0 && early > 2 * late;
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
