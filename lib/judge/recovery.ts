import type { Check } from '../../reports/model/verdict.ts';
import type { FaultObservation, Observations } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import type { RecoveryBudget } from '../plan/schema/budgets.ts';
import { coverage, isDense, judgeWindow } from './budget-window.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { goodEvents } from './good-events.ts';
import { plannedEndMs } from './integrity.ts';
import { recoverySpan } from './recovery-span.ts';
import { safely } from './safely.ts';
import { sum, tallySecond } from './tally.ts';
import { seenHint, wasSeen } from './too-few.ts';
import { wholePhases } from './whole-phases.ts';
import { count, exactMilliseconds, milliseconds, operationName, percent } from './words.ts';

/**
 * "At most `within` after the fault is removed (or the phase has ended, when `after` is one: an overload, a spike), three
 * one-second windows in a row hold": in each at least `atLeast` of `operation` (of all requests that ended in it, and its
 * dropped iterations) succeed in under `under`. A window without events does not hold, but it is not held against the
 * system when no push of metrics covers it. A phase ends when it was planned to.
 *
 * The time is known as an interval, see `recoverySpan`: the budget holds when its end is within, fails when its start
 * is beyond, and is inconclusive in between. Only windows until the load's end or the next fault's start are looked at.
 */
export function judgeRecovery(id: string, budget: RecoveryBudget, plan: Plan, observations: Observations): Check {
  const { operation, protocol, after, within, under, atLeast } = budget;
  const limit = `≤ ${exactMilliseconds(within)} to ≥ ${percent(atLeast)} under ${exactMilliseconds(under)}`;
  const title = budget.name ?? `${operationName(budget)}: recovers in ${exactMilliseconds(within)} after ${after}`;
  return safely({ id, title, kind: 'recovery', operation, protocol, limit }, () => finding(budget, plan, observations));
}

function finding(budget: RecoveryBudget, plan: Plan, observations: Observations): Finding {
  const { seconds } = observations;
  const { steady } = plan.load;
  const cause = causeOf(budget.after, plan, observations);
  if ('missing' in cause) return inconclusive(cause.missing, { measured: 'not reached' });
  const { removedMs, ended } = cause;
  if (!wasSeen(seconds, budget)) {
    return inconclusive(`no request of ${operationName(budget)} was seen in the whole run`, {
      hint: seenHint(seconds, budget),
    });
  }

  const endMs = Math.min(
    observations.loadEndMs,
    plannedEndMs(plan),
    nextFaultMs(observations.faults, budget.after, removedMs),
  );
  const observed = seconds
    .filter(({ t }) => t * 1_000 >= removedMs && (t + 1) * 1_000 <= endMs)
    .toSorted((a, b) => a.t - b.t);
  const dense = isDense(seconds, steady, budget);
  const isCovered = coverage(observations.generator.pushesMs);
  const windows = observed.map((second) => judgeWindow(second, budget, dense && isCovered(second.t * 1_000 + 500)));
  const tallies = observed.map((second) => tallySecond(second, budget));
  const exact = tallies.every((tally) => tally.windows.length === 0 || goodEvents(tally, budget.under).exact);
  const { earliestMs, latestMs } = recoverySpan(windows, removedMs);
  const events = sum(tallies, ({ total }) => total);

  const measured = latestMs === undefined ? `> ${milliseconds(earliestMs)}` : milliseconds(latestMs);
  const result = {
    measured,
    events,
    evidence: figures({
      withinMs: budget.within,
      recoveredEarliestMs: earliestMs,
      recoveredLatestMs: latestMs,
      removedMs,
      exact: events > 0 && exact,
      windows: windows.length,
      windowsHolding: windows.filter(({ surely }) => surely).length,
    }),
  };
  const limit = exactMilliseconds(budget.within);
  if (latestMs !== undefined && latestMs <= budget.within) {
    return { outcome: 'pass', reason: `recovered ${milliseconds(latestMs)} after ${ended}`, ...result };
  }
  if (earliestMs > budget.within) {
    const reason =
      latestMs === undefined
        ? `not recovered in the ${count(windows.length, 'second')} watched after ${ended}`
        : `recovered ${milliseconds(latestMs)} after ${ended}`;
    return { outcome: 'fail', reason: `${reason}; at most ${limit} allowed`, ...result };
  }
  if (latestMs === undefined) {
    return inconclusive(
      `not seen to recover, but the ${count(windows.length, 'second')} watched after ${ended} were too few to say that it did not, or had too few requests`,
      {
        ...result,
        hint: `let the load run on for ${limit} and 5 s more after that, at 5 or more requests a second`,
      },
    );
  }
  return inconclusive(
    `recovered between ${milliseconds(earliestMs)} and ${milliseconds(latestMs)} after ${ended}: windows of one second are too coarse to tell whether that is within ${limit}`,
    { ...result, hint: 'allow at least one second more than the system needs' },
  );
}

type Cause = { readonly removedMs: number; readonly ended: string } | { readonly missing: string };

/** When the fault was removed, as it was seen, or when the phase ended, as planned. */
function causeOf(after: string, plan: Plan, { faults, loadEndMs }: Observations): Cause {
  const phase = wholePhases(plan).find(({ name }) => name === after);
  const isFault = plan.faults.some(({ name }) => name === after);
  if (phase !== undefined && !isFault) {
    return phase.endMs < loadEndMs
      ? { removedMs: phase.endMs, ended: `the phase ${after} ended` }
      : { missing: `not reached: the load ended before anything came after the phase ${after}` };
  }
  const fault = faults.find(({ name }) => name === after);
  if (fault?.injectedMs === undefined) return { missing: `not reached: the fault ${after} was never injected` };
  const { removedMs } = fault;
  return removedMs === undefined
    ? { missing: `the fault ${after} was not seen to be removed` }
    : { removedMs, ended: 'the fault was removed' };
}

/** Start of the first other fault that disturbs the recovery; the removal itself when one was in force already. */
function nextFaultMs(faults: readonly FaultObservation[], after: string, removedMs: number): number {
  const starts = faults
    .filter(({ name, removedMs: other }) => name !== after && (other ?? Number.POSITIVE_INFINITY) > removedMs)
    .map(({ injectedMs }) => injectedMs ?? Number.POSITIVE_INFINITY);
  return Math.max(removedMs, Math.min(Number.POSITIVE_INFINITY, ...starts));
}
