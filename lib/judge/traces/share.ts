import { type Finding, figures, inconclusive } from '../finding.ts';
import { upperShare } from '../statistics/proportions.ts';
import { count, percent } from '../words.ts';

/** A red verdict is by accident of which requests were sampled once in so many times. */
const ALPHA = 0.005;

export interface ShareOf {
  readonly good: number;
  readonly of: number;
  readonly atLeast: number;
  /** Fewer are too few. */
  readonly least: number;
  /** "sampled request", and more than one. */
  readonly noun: string;
  readonly plural: string;
  /** What those that are not good lack: "are no connected trace". */
  readonly lacking: string;
  /** Names a few of them. */
  readonly examples: readonly string[];
  readonly hint?: string | undefined;
  readonly evidence?: Readonly<Record<string, number | string | undefined>>;
}

/**
 * "At least so many of these are good". It holds when it does in the sample; it fails only when the share's exact upper bound
 * (99.5 %) is below the limit.
 */
export function judgeShare(share: ShareOf): Finding {
  const { good, of, atLeast, least, noun, plural, lacking, examples, hint } = share;
  const bad = of - good;
  const result = {
    measured: of === 0 ? '–' : `${percent(good / of, atLeast)}, ${bad} of ${of} ${lacking}`,
    events: of,
    evidence: figures({
      good,
      bad,
      total: of,
      atLeastRatio: atLeast,
      ...share.evidence,
      ...(examples.length === 0 ? {} : { examples: examples.join(' ') }),
    }),
  };
  if (of < least) {
    return inconclusive(`only ${count(of, noun, plural)}, at least ${least} needed`, {
      ...result,
      hint: hint ?? 'raise `sample` or the rate, or make the phases longer',
    });
  }
  const text = bad === 0 ? `all ${of} are whole` : `${bad} of ${count(of, noun, plural)} ${lacking}`;
  if (good / of >= atLeast) return { outcome: 'pass', reason: text, ...result };
  if (upperShare({ hits: good, of }, ALPHA) < atLeast) {
    return { outcome: 'fail', reason: `${text}: ${examples.slice(0, 3).join('; ')}`, ...result };
  }
  return inconclusive(`${text}, but with this many it may lie within the limit`, {
    ...result,
    hint: 'sample more requests for a sure answer',
  });
}
