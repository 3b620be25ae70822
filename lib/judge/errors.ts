import type { Check } from '../../reports/model/verdict.ts';
import type { Second } from '../observe/observations.ts';
import type { ErrorsBudget } from '../plan/schema/budgets.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { safely } from './safely.ts';
import { tallyPhase } from './tally.ts';
import { tooFew } from './too-few.ts';
import { operationName, percent } from './words.ts';

/**
 * "≤ `atMost` of `operation` fail": failed requests and dropped iterations (for "*" also exceptions) ÷ all events.
 * The counts are exact.
 */
export function judgeErrors(id: string, budget: ErrorsBudget, seconds: readonly Second[]): Check {
  const { operation, protocol, phase, atMost } = budget;
  const limit = `≤ ${percent(atMost)} failed`;
  const title = budget.name ?? `${operationName(budget)}: ${limit} in ${phase}`;
  return safely({ id, title, kind: 'errors', operation, protocol, phase, limit }, () => finding(budget, seconds));
}

function finding(budget: ErrorsBudget, seconds: readonly Second[]): Finding {
  const { atMost } = budget;
  const tally = tallyPhase(seconds, budget.phase, budget);
  const missing = tooFew(tally, seconds, budget, budget.minEvents);
  if (missing !== undefined) return missing;

  const { total, dropped, exceptions } = tally;
  const bad = tally.failed.count + dropped + exceptions;
  const ratio = bad / total;
  const result = {
    measured: `${percent(ratio, atMost)}, ${bad} of ${total}`,
    events: total,
    evidence: figures({
      atMostRatio: atMost,
      bad,
      total,
      failed: tally.failed.count,
      dropped,
      exceptions: budget.operation === '*' ? exceptions : undefined,
    }),
  };
  const parts = dropped > 0 ? ` (${dropped} of them dropped iterations)` : '';
  const share = `${bad} of ${total} failed${parts}, ${percent(ratio, atMost)}`;
  if (ratio <= atMost) return { outcome: 'pass', reason: share, ...result };
  if (ratio > atMost) return { outcome: 'fail', reason: `${share}; at most ${percent(atMost)} allowed`, ...result };
  return inconclusive('the counts are not numbers', result);
}
