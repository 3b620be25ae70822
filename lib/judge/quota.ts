import type { Check } from '../../reports/model/verdict.ts';
import type { Second } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import type { QuotaBudget } from '../plan/schema/budgets.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { safely } from './safely.ts';
import { tallyPhase } from './tally.ts';
import { tooFew } from './too-few.ts';
import { count, operationName, percent, perSecond } from './words.ts';
import { lastedSeconds } from './whole-phases.ts';

/** A quota is only seen to hold when much more is asked for than it allows. */
const ASKED_FACTOR = 1.5;
/** What is granted at a phase's edges may count as the neighbour's: tokens of this long. */
const EDGE_SECONDS = 1;

/**
 * "`operation` succeeds `rate` times a second, ± `tolerance`", and `burst` times more once. A quota (token bucket) is
 * no chance, so that there is no noise to allow for, but what happens at the phase's edges: it holds between the bounds
 *
 *     rate × (1 − tolerance) × seconds   and   rate × (1 + tolerance) × seconds + burst
 *
 * and fails when it misses them by more than one second's worth. It takes at least half as much again as the upper bound
 * being asked for: else it was not the quota that limited it.
 */
export function judgeQuota(id: string, budget: QuotaBudget, plan: Plan, seconds: readonly Second[]): Check {
  const { operation, protocol, phase, rate, tolerance } = budget;
  const limit = `${perSecond(rate)} ± ${percent(tolerance)}`;
  const title = budget.name ?? `${operationName(budget)}: held to ${limit} in ${phase}`;
  return safely({ id, title, kind: 'quota', operation, protocol, phase, limit }, () => finding(budget, plan, seconds));
}

function finding(budget: QuotaBudget, plan: Plan, seconds: readonly Second[]): Finding {
  const { phase, rate, tolerance, burst, minEvents } = budget;
  const tally = tallyPhase(seconds, phase, budget);
  const missing = tooFew(tally, seconds, budget, minEvents);
  if (missing !== undefined) return missing;

  const lasted = lastedSeconds(plan, phase, seconds);
  const granted = tally.succeeded.count;
  const asked = granted + tally.failed.count;
  const [least, most] = [rate * (1 - tolerance) * lasted, rate * (1 + tolerance) * lasted + burst];
  const edge = rate * EDGE_SECONDS;
  const result = {
    measured: `${perSecond(granted / lasted)}, ${perSecond(asked / lasted)} asked for`,
    events: tally.total,
    evidence: figures({
      ratePerSecond: rate,
      toleranceRatio: tolerance,
      burst,
      granted,
      asked,
      least,
      most,
      seconds: lasted,
    }),
  };
  if (!(lasted > EDGE_SECONDS)) return inconclusive(`${phase} was too short to tell`, result);
  if (asked < ASKED_FACTOR * most) {
    return inconclusive(
      `only ${perSecond(asked / lasted)} were asked for, at least ${perSecond((ASKED_FACTOR * most) / lasted)} needed to see a quota at work`,
      { ...result, hint: 'raise the rate, or the share of this operation' },
    );
  }
  const text = `${count(granted, 'request')} of ${asked} succeeded, ${perSecond(granted / lasted)}`;
  const allowed = `${Math.ceil(least)} to ${Math.floor(most)}`;
  if (granted >= least && granted <= most)
    return { outcome: 'pass', reason: `${text}; allowed are ${allowed}`, ...result };
  if (granted < least - edge || granted > most + edge) {
    return { outcome: 'fail', reason: `${text}; only ${allowed} allowed`, ...result };
  }
  return inconclusive(`${text}; allowed are ${allowed}, and one second's worth at the phase's edges can't be told`, {
    ...result,
    hint: 'make the phase longer',
  });
}
