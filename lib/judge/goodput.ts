import type { Check } from '../../reports/model/verdict.ts';
import type { Second } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import type { GoodputBudget } from '../plan/schema/budgets.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { goodEvents } from './good-events.ts';
import { safely } from './safely.ts';
import { sum, tallyPhase } from './tally.ts';
import { tooFew } from './too-few.ts';
import { exactMilliseconds, operationName, percent, perSecond } from './words.ts';
import { lastedSeconds } from './whole-phases.ts';

/** How many standard deviations of the counts may not be the reason for red: one false alarm in 700. */
const SIGMAS = 3;

/**
 * "In `phase`, good events a second (success in under `under`) are at least `atLeast` of those in `against`", over the time
 * that each phase lasted. It holds when the low end of the good events does against the high end in `against`; it fails
 * when the high end, and three standard deviations more (counts are taken as Poisson), does not reach the low end's share.
 * A phase that was planned to get fewer arrivals than that could not have reached it, and shows nothing.
 */
export function judgeGoodput(id: string, budget: GoodputBudget, plan: Plan, seconds: readonly Second[]): Check {
  const { operation, protocol, phase, against, under, atLeast } = budget;
  const limit = `≥ ${percent(atLeast)} of ${against} under ${exactMilliseconds(under)}`;
  const title = budget.name ?? `${operationName(budget)}: goodput ${limit} in ${phase}`;
  return safely({ id, title, kind: 'goodput', operation, protocol, phase, limit }, () =>
    finding(budget, plan, seconds),
  );
}

function finding(budget: GoodputBudget, plan: Plan, seconds: readonly Second[]): Finding {
  const { atLeast, against, phase, minEvents } = budget;
  const [now, base] = [phase, against].map((name) => sideOf(name, budget, plan, seconds)) as [Side, Side];
  const missing =
    tooFew(now, seconds, budget, minEvents, `in ${phase}`) ?? tooFew(base, seconds, budget, minEvents, `in ${against}`);
  if (missing !== undefined) return missing;

  const share = (now.low + now.high) / now.seconds / ((base.low + base.high) / base.seconds);
  const [nowPerSecond, basePerSecond] = [now, base].map(({ low, high, seconds: s }) => (low + high) / 2 / s);
  const noise = Math.sqrt(now.high / now.seconds ** 2 + (atLeast ** 2 * base.low) / base.seconds ** 2);
  const shortfall = atLeast * (base.low / base.seconds) - now.high / now.seconds;
  const exact = now.exact && base.exact;
  const measured = `${perSecond(nowPerSecond ?? 0)} good, ${perSecond(basePerSecond ?? 0)} in ${against}`;
  const result = {
    measured: `${percent(share, atLeast)}: ${measured}`,
    events: now.total,
    evidence: figures({
      underMs: budget.under,
      atLeastRatio: atLeast,
      goodLow: now.low,
      goodHigh: now.high,
      seconds: now.seconds,
      total: now.total,
      againstGoodLow: base.low,
      againstGoodHigh: base.high,
      againstSeconds: base.seconds,
      againstTotal: base.total,
      noisePerSecond: noise,
      exact,
    }),
  };
  if (base.low === 0 || base.seconds === 0 || now.seconds === 0) {
    return inconclusive(`nothing is known to have been good in ${against}`, result);
  }
  if (now.offered / now.seconds < atLeast * (base.offered / base.seconds)) {
    return inconclusive(`could not be reached: ${phase} was planned to get fewer arrivals than that`, {
      ...result,
      hint: `raise the rate of ${phase} above that of ${against}`,
    });
  }
  const text = `${measured}, ${percent(share, atLeast)}`;
  if (now.low / now.seconds >= atLeast * (base.high / base.seconds))
    return { outcome: 'pass', reason: text, ...result };
  if (shortfall > SIGMAS * noise) {
    return { outcome: 'fail', reason: `${text}; at least ${percent(atLeast)} needed`, ...result };
  }
  return inconclusive(`${text}: too near to ${percent(atLeast)} for these counts to tell`, {
    ...result,
    hint: exact
      ? 'make both phases longer or raise their rates'
      : 'make both phases longer, or let the scenario count (support library): histogram buckets are too coarse for this limit',
  });
}

interface Side {
  readonly low: number;
  readonly high: number;
  readonly exact: boolean;
  readonly total: number;
  /** Planned arrivals. */
  readonly offered: number;
  readonly seconds: number;
}

function sideOf(phase: string, budget: GoodputBudget, plan: Plan, seconds: readonly Second[]): Side {
  const tally = tallyPhase(seconds, phase, budget);
  return {
    ...goodEvents(tally, budget.under),
    total: tally.total,
    offered: sum(
      seconds.filter((second) => second.phase === phase),
      ({ offered }) => offered,
    ),
    seconds: lastedSeconds(plan, phase, seconds),
  };
}
