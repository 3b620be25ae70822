import type { Check } from '../../reports/model/verdict.ts';
import type { Plan } from '../plan/plan.ts';
import { END_TOLERANCE_MS } from './integrity.ts';
import { wholePhases } from './whole-phases.ts';
import { milliseconds } from './words.ts';

/**
 * What a budget's outcome is worth when the load ended early. A phase that was not reached shows nothing. One that was
 * cut short shows nothing either way: its events are not those that were planned, and requests in flight at the end were
 * cut off by the harness. Only memory that was over its limit stays red, since no later second could have changed that.
 * `names` are the phases that it rests on: one that compares two needs both.
 */
export function asFarAsReached(check: Check, names: readonly string[], plan: Plan, loadEndMs: number): Check {
  const missing = wholePhases(plan).filter(
    ({ name, endMs }) => names.includes(name) && endMs > loadEndMs + END_TOLERANCE_MS,
  );
  const phase = missing.find(({ startMs }) => startMs >= loadEndMs) ?? missing[0];
  if (phase === undefined) return check;
  const ended = `the load ended after ${milliseconds(loadEndMs)}`;
  if (phase.startMs >= loadEndMs) {
    const reason = `not reached: ${ended}, before the phase ${phase.name} began`;
    const { hint: _, ...rest } = check;
    return { ...rest, outcome: 'inconclusive', reason, measured: 'not reached' };
  }
  if (check.outcome === 'inconclusive' || (check.kind === 'memory' && check.outcome === 'fail')) return check;
  const planned = milliseconds(phase.endMs);
  return {
    ...check,
    outcome: 'inconclusive',
    reason: `would ${check.outcome} (${check.reason}), but ${ended} and the phase ${phase.name} was to last until ${planned}`,
  };
}

/** Says why the phases after a steady phase that did not hold were not reached. */
export function becauseOfSteady(checks: readonly Check[], plan: Plan): readonly Check[] {
  if (plan.faults.length === 0 || !steadyFailed(checks, plan)) return checks;
  return checks.map((check) =>
    check.reason.startsWith('not reached')
      ? {
          ...check,
          reason: `not reached: the budgets of the phase ${plan.load.steady} did not hold, so nothing was learnt about what comes after it`,
        }
      : check,
  );
}

export function steadyFailed(checks: readonly Check[], plan: Plan): boolean {
  return checks.some(({ phase, outcome }) => phase === plan.load.steady && outcome === 'fail');
}
