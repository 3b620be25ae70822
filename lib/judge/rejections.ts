import type { Check } from '../../reports/model/verdict.ts';
import type { Second } from '../observe/observations.ts';
import type { RejectionsBudget } from '../plan/schema/budgets.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { safely } from './safely.ts';
import { tallyPhase } from './tally.ts';
import { tooFew } from './too-few.ts';
import { count, operationName, percent } from './words.ts';

/**
 * "Of the requests that failed, `atLeast` were refused in the agreed way": HTTP 429 or gRPC RESOURCE_EXHAUSTED. A dropped
 * iteration is a failure that nobody refused: the system kept the clients waiting until none was left to ask. Exceptions
 * are not counted, since a script may throw one for a request that was refused. The counts are exact. Where nothing
 * failed, nothing was shown about how the system refuses.
 */
export function judgeRejections(id: string, budget: RejectionsBudget, seconds: readonly Second[]): Check {
  const { operation, protocol, phase, atLeast } = budget;
  const limit = `≥ ${percent(atLeast)} of what fails is refused`;
  const title = budget.name ?? `${operationName(budget)}: ${limit} in ${phase}`;
  return safely({ id, title, kind: 'rejections', operation, protocol, phase, limit }, () => finding(budget, seconds));
}

function finding(budget: RejectionsBudget, seconds: readonly Second[]): Finding {
  const { atLeast, phase } = budget;
  const tally = tallyPhase(seconds, phase, budget);
  const { rejected, dropped } = tally;
  const failures = tally.failed.count + dropped;
  const evidence = figures({
    atLeastRatio: atLeast,
    rejected,
    failed: tally.failed.count,
    dropped,
    total: tally.total,
  });
  if (tally.total > 0 && failures === 0) {
    return inconclusive(`nothing was refused, ${count(tally.total, 'request')} succeeded: ${phase} was no overload`, {
      hint: 'raise the rate until the system has to refuse',
      measured: 'nothing refused',
      events: 0,
      evidence,
    });
  }
  const missing = tooFew({ total: failures }, seconds, budget, budget.minEvents, 'failed');
  if (missing !== undefined) return missing;

  const ratio = rejected / failures;
  const result = { measured: `${percent(ratio, atLeast)} of ${failures}`, events: failures, evidence };
  const drops = dropped > 0 ? ` (${dropped} of them dropped iterations)` : '';
  const share = `${rejected} of ${failures} that failed${drops} were refused, ${percent(ratio, atLeast)}`;
  if (ratio >= atLeast) return { outcome: 'pass', reason: share, ...result };
  if (ratio < atLeast) return { outcome: 'fail', reason: `${share}; at least ${percent(atLeast)} needed`, ...result };
  return inconclusive('the counts are not numbers', result);
}
