import type { Observations } from '../../../lib/observe/observations.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { seeded } from '../random.ts';
import type { BreakerDefect, BreakerOptions } from './breaker.ts';
import { QUOTES, drillPlan } from './plans.ts';
import { type Simulated, simulate } from './simulate.ts';

export interface Contract {
  readonly threshold: number;
  readonly openTimeMs: number;
  readonly halfOpen: number;
  readonly callTimeoutMs: number;
  readonly fallback: boolean;
  readonly perSecond: number;
}

/** A contract of those that are usual, and how its caller, its load and its clocks happen to be. */
export function contractOf(
  seed: number,
  rates: readonly number[],
): Contract & Partial<Simulated> & Pick<BreakerOptions, 'decides'> {
  const random = seeded(seed * 7_919);
  const among = <Value>(...values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value;
  const perSecond = among(...rates);
  return {
    threshold: among(1, 3, 5, 20),
    // Long ones of many requests take the simulation long.
    openTimeMs: perSecond > 200 ? among(1_000, 2_000) : among(1_000, 2_000, 5_000, 10_000),
    halfOpen: among(1, 2, 3),
    callTimeoutMs: among(300, 500, 1_000),
    fallback: among(true, false),
    perSecond,
    decides: among('first', 'all'),
    arrivals: among('random', 'even'),
    answerMs: among(2, 5, 15),
    offsetMs: among(-5, 0, 5),
  };
}

export function breakerPlan({ threshold, openTimeMs, halfOpen, callTimeoutMs, fallback, perSecond }: Contract): Plan {
  return drillPlan(
    {
      kind: 'circuit-breaker',
      on: [QUOTES],
      threshold,
      openTime: `${openTimeMs}ms`,
      halfOpen,
      callTimeout: `${callTimeoutMs}ms`,
      whileOpen: fallback ? 'fallback' : 'rejected',
      others: { quantile: '95%', slack: '10ms' },
    },
    perSecond,
  );
}

/** The drill against a caller that keeps the contract, but for the defect. */
export function breakerRun(
  contract: ReturnType<typeof contractOf>,
  seed: number,
  defect?: BreakerDefect,
  parts: Partial<Simulated> = {},
  plan = breakerPlan(contract),
): { readonly plan: Plan; readonly observations: Observations } {
  const { threshold, openTimeMs, halfOpen, decides, callTimeoutMs, fallback } = contract;
  const breaker = { threshold, openTimeMs, halfOpen, decides, defect };
  const { arrivals, answerMs, offsetMs } = contract;
  const caller = { breaker, callTimeoutMs, fallback, deadlineMs: 5_000, ...parts.caller };
  const load = { arrivals: arrivals ?? 'random', answerMs: answerMs ?? 5, offsetMs: offsetMs ?? 0 };
  return { plan, observations: simulate({ plan, seed, ...load, ...parts, caller }) };
}
