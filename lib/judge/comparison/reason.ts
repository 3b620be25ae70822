import type { Finding } from '../finding.ts';
import { percent } from '../words.ts';
import { type Decision, type Question, blocksNeeded } from './decide.ts';
import { effectText, limitText } from './words.ts';

export interface Decided {
  readonly decision: Decision;
  readonly question: Question;
  /** Both sides are the same on purpose. */
  readonly same: boolean;
  /** Blocks of each that had a figure, and their deviation. */
  readonly usable: number;
  readonly noise: number;
}

/** The outcome in words. A difference between two that are the same is never red: it is the machine's. */
export function findingOf({
  decision,
  question,
  same,
  usable,
  noise,
}: Decided): Pick<Finding, 'outcome' | 'reason' | 'hint'> {
  const effect = effectText(decision.estimate, question);
  const found = `${effect} (${effectText(decision.lower, question)} to ${effectText(decision.upper, question)})`;
  const overall = effectText(decision.overall, question);
  const allowed = limitText(question);
  switch (decision.outcome) {
    case 'pass':
      return { outcome: 'pass', reason: `${found}, within the margin: ${allowed}` };
    case 'fail':
      if (same) {
        return {
          outcome: 'inconclusive',
          reason: `both are the same and yet differ: ${found}`,
          hint: 'the machine is not quiet enough, or what ran before changes what comes after: a comparison on it would not be fair',
        };
      }
      return {
        outcome: 'fail',
        reason: decision.inBursts
          ? `the candidate is worse: ${overall} over all blocks; allowed is ${allowed}`
          : `the candidate is worse: ${found}; allowed is ${allowed}`,
      };
    case 'inconclusive':
      if (decision.inBursts) {
        return {
          outcome: 'inconclusive',
          reason: `${effect} in most blocks, but ${overall} over all of them; allowed is ${allowed}`,
          hint: 'a few blocks of the candidate were much worse: see which; only more blocks tell whether that was chance',
        };
      }
      return {
        outcome: 'inconclusive',
        reason: `${found}: neither shown to be as good nor to be worse`,
        hint: `with this noise (${percent(noise)} from block to block) about ${Math.max(usable + 1, blocksNeeded(noise, question))} blocks of each would tell`,
      };
    default:
      return decision.outcome satisfies never;
  }
}
