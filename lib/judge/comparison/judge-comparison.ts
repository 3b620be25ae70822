import type { Check, Compared as Row, ComparisonResult } from '../../../reports/model/verdict.ts';
import type { Observations } from '../../observe/observations.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Compared, Comparison } from '../../plan/schema/comparison.ts';
import { type Finding, figures, inconclusive } from '../finding.ts';
import { safely } from '../safely.ts';
import { type ObservedBlock, figureOf, observedBlocks } from './block-figures.ts';
import { type Question, decide, detectableEffect, limitOf, mean } from './decide.ts';
import { findingOf } from './reason.ts';
import { areSame, setByOne } from './variants.ts';
import { effectText, limitText, titleOf, unitOf, valueText, variantText } from './words.ts';

/** Fewer blocks of one side than this decide nothing. */
const MIN_BLOCKS = 6;

/**
 * CMP-1: baseline against candidate, one check for each figure that is compared. Each block gives one value, so that what
 * happens within a block (requests that wait for one another) is not taken for many independent observations. The chance of
 * a false alarm is shared among the checks: the comparison as a whole keeps its confidence.
 *
 * Two variants that are the same (A/A) show the noise floor; a difference between them is the machine's and decides nothing.
 */
export function judgeComparison(
  plan: Plan,
  observations: Observations,
): { readonly checks: readonly Check[]; readonly result: ComparisonResult } | undefined {
  const { comparison } = plan;
  if (comparison === undefined) return undefined;
  const blocks = observedBlocks(plan, observations);
  const [baseline, candidate] = [variantText(comparison.baseline), variantText(comparison.candidate)];
  const same = areSame(plan);
  const judged = comparison.metrics.map((compared, index) => {
    const falseAlarm = (1 - comparison.confidence) / comparison.metrics.length;
    return judgeOne({ compared, index, falseAlarm, same, blocks, plan, comparison, observations });
  });
  const phase = plan.load.phases.filter(({ block }) => block !== undefined);
  const spanMs = (phase.at(-1)?.endMs ?? 0) - (phase[0]?.startMs ?? 0);
  return {
    checks: judged.map(({ check }) => check),
    result: {
      phase: comparison.phase,
      blocksPerVariant: comparison.blocks,
      blockMs: spanMs / (2 * comparison.blocks),
      settleMs: comparison.settle,
      baseline,
      candidate,
      sameOnPurpose: same,
      confidence: comparison.confidence,
      rows: judged.map(({ row }) => row),
    },
  };
}

interface One {
  readonly compared: Compared;
  readonly index: number;
  readonly falseAlarm: number;
  readonly same: boolean;
  readonly blocks: readonly ObservedBlock[];
  readonly plan: Plan;
  readonly comparison: Comparison;
  readonly observations: Observations;
}

function judgeOne(one: One): { readonly check: Check; readonly row: Row } {
  const { compared, index, falseAlarm, blocks, comparison } = one;
  const question: Question = {
    effect: compared.of === 'errors' ? 'difference' : 'ratio',
    higherIsBetter: compared.of === 'throughput',
    everyEventCounts: compared.of === 'errors' || compared.of === 'throughput',
    margin: compared.margin,
    falseAlarm,
  };
  const title = titleOf(compared);
  const id = `comparison:${index + 1}:${title.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}`;
  let row: Omit<Row, 'outcome'> = {
    title,
    unit: unitOf(compared),
    checkId: id,
    effect: question.effect,
    limit: limitOf(question),
    higherIsBetter: question.higherIsBetter,
    blocks: blocks.map(({ variant, startMs }) => ({ variant, startMs, value: null })),
  };
  const check = safely(
    {
      id,
      title,
      kind: 'comparison',
      catalogue: compared.of === 'cpu-per-request' ? 'CAP-4' : 'CMP-1',
      ...('operation' in compared ? { operation: compared.operation } : {}),
      ...('protocol' in compared && compared.protocol !== undefined ? { protocol: compared.protocol } : {}),
      phase: comparison.phase,
      limit: limitText(question),
    },
    () => {
      const judged = findingAndFigures(one, question);
      row = { ...row, ...judged.figures };
      return judged.finding;
    },
  );
  return { check, row: { ...row, outcome: check.outcome } };
}

/** The row's figures are those that are known: JSON has no infinity. */
type Figures = Pick<Row, 'blocks'> &
  Partial<Pick<Row, 'baseline' | 'candidate' | 'noise' | 'estimate' | 'lower' | 'upper' | 'detectable'>>;

function findingAndFigures(
  { compared, same, blocks, plan, observations, falseAlarm }: One,
  question: Question,
): { readonly finding: Finding; readonly figures: Figures } {
  const values = blocks.map((block) => figureOf(block, compared, observations.seconds, plan));
  const side = (variant: ObservedBlock['variant']) =>
    values.filter((value, at): value is number => value !== undefined && blocks[at]?.variant === variant);
  // A ratio to nothing is none. Of the candidate, nothing is a figure where less is worse.
  const before = side('baseline').filter((value) => question.effect === 'difference' || value > 0);
  const after = side('candidate').filter(
    (value) => question.effect === 'difference' || question.higherIsBetter || value > 0,
  );
  const usable = Math.min(before.length, after.length);
  const noise = deviation(before, question);
  const seen = {
    blocks: blocks.map(({ variant, startMs }, at) => ({ variant, startMs, value: values[at] ?? null })),
    ...known({ baseline: median(before), candidate: median(after), noise }),
  };
  const events = before.length + after.length;
  if (usable < MIN_BLOCKS || noise === undefined) {
    const reason = `${before.length} blocks of the baseline and ${after.length} of the candidate have a figure, at least ${MIN_BLOCKS} of each are needed`;
    return {
      finding: inconclusive(reason, { hint: hintOf(plan), measured: `${usable} blocks`, events }),
      figures: seen,
    };
  }
  const decision = decide(before, after, question);
  const unit = unitOf(compared);
  const { estimate, lower, upper, limit, overall } = decision;
  const detectable = detectableEffect(noise, usable, question);
  const bounds = known({ estimate, lower, upper, detectable });
  return {
    finding: {
      ...findingOf({ decision, question, same, usable, noise }),
      measured: `${valueText(median(before) ?? 0, unit)} → ${valueText(median(after) ?? 0, unit)}, ${effectText(estimate, question)}`,
      events,
      evidence: figures({
        ...bounds,
        ...(question.everyEventCounts ? known({ overall }) : {}),
        limit,
        margin: question.margin,
        noise,
        baselineBlocks: before.length,
        candidateBlocks: after.length,
        falseAlarm,
      }),
    },
    figures: { ...seen, ...bounds },
  };
}

function hintOf(plan: Plan): string {
  const left = setByOne(plan);
  return left.length === 0
    ? 'blocks without requests, or in which traffic was moved too late, are left out: make them longer, or the settling part'
    : `only one of baseline and candidate sets the traffic of ${left.join(', ')}, and nothing moves it back: set it in both`;
}

function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

/** Standard deviation of the blocks, of the mean for a ratio; undefined without two of them. */
function deviation(values: readonly number[], { effect }: Question): number | undefined {
  if (values.length < 2) return undefined;
  const middle = mean(values);
  const variance = values.reduce((total, value) => total + (value - middle) ** 2, 0) / (values.length - 1);
  return Math.sqrt(variance) / (effect === 'ratio' ? middle : 1);
}

function known<Name extends string>(values: Readonly<Record<Name, number | undefined>>): Partial<Record<Name, number>> {
  return Object.fromEntries(
    Object.entries<number | undefined>(values).filter(([, value]) => Number.isFinite(value)),
  ) as Partial<Record<Name, number>>;
}
