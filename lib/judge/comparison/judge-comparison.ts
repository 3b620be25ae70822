import type { Check, Compared as Row, ComparisonResult } from '../../../reports/model/verdict.ts';
import type { Observations } from '../../observe/observations.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Compared, Comparison } from '../../plan/schema/comparison.ts';
import { figures } from '../finding.ts';
import { bytes, milliseconds, percent, perSecond } from '../words.ts';
import { type ObservedBlock, figureOf, observedBlocks } from './block-figures.ts';
import { type Question, blocksNeeded, decide, detectableEffect } from './decide.ts';
import { titleOf, variantText } from './words.ts';

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
  const same = baseline === candidate;
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
  const { compared, index, falseAlarm, same, blocks, plan, comparison, observations } = one;
  const unit = unitOf(compared);
  const question: Question = {
    effect: compared.of === 'errors' ? 'difference' : 'ratio',
    higherIsBetter: compared.of === 'throughput',
    margin: compared.margin,
    falseAlarm,
  };
  const values = blocks.map((block) => figureOf(block, compared, observations.seconds, plan));
  const side = (variant: ObservedBlock['variant']) =>
    values.filter(
      (value, at): value is number =>
        value !== undefined && blocks[at]?.variant === variant && (question.effect === 'difference' || value > 0),
    );
  const [before, after] = [side('baseline'), side('candidate')];
  const title = titleOf(compared);
  const id = `comparison:${index + 1}:${title.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}`;
  const limit = limitText(question);
  const usable = Math.min(before.length, after.length);
  const noise = relativeDeviation(before, question);
  const [baselineMedian, candidateMedian] = [median(before), median(after)];
  const shared: Omit<Row, 'outcome'> = {
    title,
    unit,
    checkId: id,
    effect: question.effect,
    limit: decide([1, 1], [1, 1], question).limit,
    higherIsBetter: question.higherIsBetter,
    ...(baselineMedian === undefined ? {} : { baseline: baselineMedian }),
    ...(candidateMedian === undefined ? {} : { candidate: candidateMedian }),
    ...(noise === undefined ? {} : { noise }),
    blocks: blocks.map(({ variant, startMs }, at) => ({ variant, startMs, value: values[at] ?? null })),
  };
  const subject = {
    id,
    title,
    kind: 'comparison' as const,
    catalogue: compared.of === 'cpu-per-request' ? 'CAP-4' : 'CMP-1',
    ...('operation' in compared ? { operation: compared.operation } : {}),
    ...('protocol' in compared && compared.protocol !== undefined ? { protocol: compared.protocol } : {}),
    phase: comparison.phase,
    limit,
    events: before.length + after.length,
  };
  if (usable < MIN_BLOCKS || noise === undefined) {
    const check: Check = {
      ...subject,
      outcome: 'inconclusive',
      reason: `${before.length} blocks of the baseline and ${after.length} of the candidate have a figure, at least ${MIN_BLOCKS} of each are needed`,
      hint: 'blocks without requests, or in which traffic was moved too late, are left out: make them longer, or the settling part',
      measured: `${usable} blocks`,
      evidence: {},
    };
    return { check, row: { ...shared, outcome: 'inconclusive' } };
  }
  const decision = decide(before, after, question);
  const outcome = same && decision.outcome === 'fail' ? 'inconclusive' : decision.outcome;
  const effect = effectText(decision.estimate, question);
  const measured = `${valueText(baselineMedian ?? 0, unit)} → ${valueText(candidateMedian ?? 0, unit)}, ${effect}`;
  const detectable = detectableEffect(noise, usable, question);
  const check: Check = {
    ...subject,
    outcome,
    ...reasonOf({ outcome, same, effect, decision, question, usable, noise }),
    measured,
    evidence: figures({
      estimate: decision.estimate,
      lower: finite(decision.lower),
      upper: finite(decision.upper),
      limit: decision.limit,
      margin: question.margin,
      noise,
      detectable,
      baselineBlocks: before.length,
      candidateBlocks: after.length,
      falseAlarm,
    }),
  };
  const [lower, upper] = [finite(decision.lower), finite(decision.upper)];
  return {
    check,
    row: {
      ...shared,
      outcome,
      estimate: decision.estimate,
      ...(lower === undefined ? {} : { lower }),
      ...(upper === undefined ? {} : { upper }),
      detectable,
    },
  };
}

function reasonOf({
  outcome,
  same,
  effect,
  decision,
  question,
  usable,
  noise,
}: {
  readonly outcome: Check['outcome'];
  readonly same: boolean;
  readonly effect: string;
  readonly decision: ReturnType<typeof decide>;
  readonly question: Question;
  readonly usable: number;
  readonly noise: number;
}): Pick<Check, 'reason' | 'hint'> {
  const interval = `${effectText(decision.lower, question)} to ${effectText(decision.upper, question)}`;
  const allowed = limitText(question);
  switch (outcome) {
    case 'pass':
      return { reason: `${effect} (${interval}), within the margin: ${allowed}` };
    case 'fail':
      return { reason: `the candidate is worse: ${effect} (${interval}); allowed is ${allowed}` };
    case 'inconclusive': {
      const needed = Math.max(usable + 1, blocksNeeded(noise, question));
      if (same && decision.outcome === 'fail') {
        return {
          reason: `both are the same and yet differ: ${effect} (${interval})`,
          hint: 'the machine is not quiet enough, or what ran before changes what comes after: a comparison on it would not be fair',
        };
      }
      return {
        reason: `${effect} (${interval}): neither shown to be as good nor to be worse`,
        hint: `with this noise (${percent(noise)} from block to block) about ${needed} blocks of each would tell`,
      };
    }
    default:
      return outcome satisfies never;
  }
}

function unitOf(compared: Compared): Row['unit'] {
  switch (compared.of) {
    case 'latency':
      return 'ms';
    case 'errors':
      return 'ratio';
    case 'throughput':
      return 'per-second';
    case 'cpu-per-request':
      return 'cpu-ms';
    case 'memory':
      return 'bytes';
    default:
      return compared satisfies never;
  }
}

function valueText(value: number, unit: Row['unit']): string {
  switch (unit) {
    case 'ms':
    case 'cpu-ms':
      return milliseconds(value);
    case 'ratio':
      return percent(value);
    case 'per-second':
      return perSecond(value);
    case 'bytes':
      return bytes(value);
    default:
      return unit satisfies never;
  }
}

/** "+4.2 %", or "+0.1 points" of a share. */
function effectText(value: number, { effect }: Question): string {
  if (!Number.isFinite(value)) return value > 0 ? '+∞' : '−∞';
  const change = (effect === 'ratio' ? value - 1 : value) * 100;
  const shown = Number(Math.abs(change).toFixed(effect === 'ratio' ? 1 : 3));
  return `${shown === 0 ? '±' : change > 0 ? '+' : '−'}${shown} ${effect === 'ratio' ? '%' : 'points'}`;
}

function limitText({ effect, higherIsBetter, margin }: Question): string {
  const amount = `${Number((margin * 100).toFixed(3))} ${effect === 'ratio' ? '%' : 'points'}`;
  return `at most ${amount} ${higherIsBetter ? 'less' : 'more'}`;
}

function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

/** Standard deviation of the blocks, of the mean for a ratio; undefined without two of them. */
function relativeDeviation(values: readonly number[], { effect }: Question): number | undefined {
  if (values.length < 2) return undefined;
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1);
  return Math.sqrt(variance) / (effect === 'ratio' ? mean : 1);
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
