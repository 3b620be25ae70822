import { peakPerSecond } from '../plan/phases.ts';
import type { Phase, Plan } from '../plan/plan.ts';
import type { Budget } from '../plan/schema/budgets.ts';
import type { CapacityPlan } from './settings.ts';

/** However many events a budget asks for, a probe is judged for a minute at most. */
const MAX_JUDGED_MS = 60_000;
/** Each virtual user takes memory: a saturated system may keep so many busy (or as many as the experiment allows), not more. */
const MAX_VUS = 3_000;
const MIN_VUS = 50;
const COOL_DOWN_SHARE = 0.1;

export const COOL_DOWN = 'cool-down-of-probe';

/**
 * The plan of one probe at a rate: where a service runs already, first a rest at a tenth of the rate; then the warm-up, and
 * the steady phase, both at the rate. The steady phase lasts as long as the settings say, and longer where a budget needs
 * more events than come in that time: at least twice its `minEvents` (an operation is a part of the load) and ten bad ones
 * at its limit. Virtual users grow with the rate, as the experiment has them.
 *
 * `coolDownMs` is how long the rest is, where there is one.
 */
export function probePlan(
  { plan, settings, steady: { phase: steady, budgets, traffic } }: CapacityPlan,
  perSecond: number,
  coolDownMs: number = settings.coolDown,
): Plan {
  const wanted = budgets.reduce((most, budget) => Math.max(most, eventsFor(budget)), 0);
  const judgedMs = Math.min(MAX_JUDGED_MS, Math.max(settings.duration, (wanted / perSecond) * 1_000));
  const runsAlready = Object.values(plan.system.services).some((service) => 'url' in service);
  const phases: Phase[] = [];
  const add = (name: string, durationMs: number, rate: number) => {
    if (durationMs <= 0) return;
    const startMs = phases.at(-1)?.endMs ?? 0;
    phases.push({
      name,
      startMs,
      endMs: startMs + Math.ceil(durationMs / 1_000) * 1_000,
      fromPerSecond: rate,
      toPerSecond: rate,
      ...(steady.env === undefined ? {} : { env: steady.env }),
    });
  };
  add(COOL_DOWN, runsAlready ? coolDownMs : 0, perSecond * COOL_DOWN_SHARE);
  add('warm-up-of-probe', settings.warmUp, perSecond);
  add(plan.load.steady, judgedMs, perSecond);
  const maxVUs = Math.min(
    Math.max(MAX_VUS, plan.load.maxVUs),
    Math.max(MIN_VUS, Math.ceil((plan.load.maxVUs * perSecond) / peakPerSecond(plan.load.phases))),
  );
  const { comparison: _comparison, capacity: _capacity, alerts: _alerts, history: _history, ...rest } = plan;
  return {
    ...rest,
    // What is switched in the experiment's steady phase is in force from the start.
    traffic,
    load: { ...plan.load, phases, maxVUs },
    faults: [],
    drills: [],
    budgets,
  };
}

function eventsFor(budget: Budget): number {
  const minEvents = 'minEvents' in budget ? 2 * budget.minEvents : 0;
  const badShare = budget.kind === 'latency' ? 1 - budget.atLeast : budget.kind === 'errors' ? budget.atMost : 0;
  return badShare > 0 ? Math.max(minEvents, 10 / badShare) : minEvents;
}
