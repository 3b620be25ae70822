import type { Check } from '../../reports/model/verdict.ts';
import type { FaultObservation, Observations, Second } from '../observe/observations.ts';
import { countBelow } from '../observe/histogram.ts';
import type { Plan } from '../plan/plan.ts';
import type { RecoveryBudget } from '../plan/schema/budgets.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { plannedEndMs } from './integrity.ts';
import { recoverySpan } from './recovery-span.ts';
import type { WindowVerdict } from './recovery-span.ts';
import { safely } from './safely.ts';
import { tallyPhase, tallySecond } from './tally.ts';
import { seenHint, wasSeen } from './too-few.ts';
import { count, exactMilliseconds, milliseconds, operationName, percent } from './words.ts';

/** Below this rate in the steady phase an empty second may be chance, and is not held against the system. */
const DENSE_EVENTS_PER_SECOND = 5;
/** Pushes come once a second: further apart than this, one is missing. */
const COVERED_MS = 1_500;

/**
 * "At most `within` after the fault is removed, three one-second windows in a row hold": in each at least `atLeast` of
 * `operation` (of all requests that ended in it, and its dropped iterations) succeed in under `under`. A window without
 * events does not hold, but it is not held against the system when no push of metrics covers it.
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
  const fault = observations.faults.find(({ name }) => name === budget.after);
  if (fault?.injectedMs === undefined) {
    return inconclusive(`not reached: the fault ${budget.after} was never injected`, { measured: 'not reached' });
  }
  const { removedMs } = fault;
  if (removedMs === undefined) {
    return inconclusive(`the fault ${budget.after} was not seen to be removed`, { measured: 'not reached' });
  }
  if (!wasSeen(seconds, budget)) {
    return inconclusive(`no request of ${operationName(budget)} was seen in the whole run`, {
      hint: seenHint(seconds, budget),
    });
  }

  const endMs = Math.min(
    observations.loadEndMs,
    plannedEndMs(plan),
    nextFaultMs(observations.faults, fault, removedMs),
  );
  const observed = seconds
    .filter(({ t }) => t * 1_000 >= removedMs && (t + 1) * 1_000 <= endMs)
    .toSorted((a, b) => a.t - b.t);
  const steadySeconds = seconds.filter(({ phase }) => phase === steady).length;
  const dense = tallyPhase(seconds, steady, budget).total / Math.max(1, steadySeconds) >= DENSE_EVENTS_PER_SECOND;
  const { pushesMs } = observations.generator;
  const windows = observed.map((second) =>
    judgeWindow(second, budget, dense && isCovered(second.t * 1_000 + 500, pushesMs)),
  );
  const { earliestMs, latestMs } = recoverySpan(windows, removedMs);
  const events = observed.reduce((total, second) => total + tallySecond(second, budget).total, 0);

  const measured = latestMs === undefined ? `> ${milliseconds(earliestMs)}` : milliseconds(latestMs);
  const result = {
    measured,
    events,
    evidence: figures({
      withinMs: budget.within,
      recoveredEarliestMs: earliestMs,
      recoveredLatestMs: latestMs,
      removedMs,
      windows: windows.length,
      windowsHolding: windows.filter(({ surely }) => surely).length,
    }),
  };
  const limit = exactMilliseconds(budget.within);
  if (latestMs !== undefined && latestMs <= budget.within) {
    return { outcome: 'pass', reason: `recovered ${milliseconds(latestMs)} after the fault was removed`, ...result };
  }
  if (earliestMs > budget.within) {
    const reason =
      latestMs === undefined
        ? `not recovered in the ${count(windows.length, 'second')} watched after the fault was removed`
        : `recovered ${milliseconds(latestMs)} after the fault was removed`;
    return { outcome: 'fail', reason: `${reason}; at most ${limit} allowed`, ...result };
  }
  if (latestMs === undefined) {
    return inconclusive(
      `not seen to recover, but the ${count(windows.length, 'second')} watched after the fault were too few to say that it did not, or had too few requests`,
      {
        ...result,
        hint: `let the load run on for ${limit} and 5 s more after the fault, at 5 or more requests a second`,
      },
    );
  }
  return inconclusive(
    `recovered between ${milliseconds(earliestMs)} and ${milliseconds(latestMs)} after the fault was removed: windows of one second are too coarse to tell whether that is within ${limit}`,
    { ...result, hint: 'allow at least one second more than the system needs' },
  );
}

function judgeWindow(second: Second, budget: RecoveryBudget, emptyIsBad: boolean): WindowVerdict {
  const { total, succeeded } = tallySecond(second, budget);
  const startMs = second.t * 1_000;
  if (total === 0) return { startMs, surely: false, possibly: !emptyIsBad };
  const { low, high } = countBelow(succeeded, budget.under / 1_000);
  return { startMs, surely: low / total >= budget.atLeast, possibly: high / total >= budget.atLeast };
}

/** Whether the pushes around a moment are near enough to each other that an empty window means that nothing ended in it. */
function isCovered(atMs: number, pushesMs: readonly number[]): boolean {
  const before = pushesMs.reduce((last, push) => (push < atMs ? Math.max(last, push) : last), Number.NEGATIVE_INFINITY);
  const after = pushesMs.reduce((next, push) => (push >= atMs ? Math.min(next, push) : next), Number.POSITIVE_INFINITY);
  return after - before <= COVERED_MS;
}

/** Start of the first other fault that disturbs the recovery; the removal itself when one was in force already. */
function nextFaultMs(faults: readonly FaultObservation[], fault: FaultObservation, removedMs: number): number {
  const starts = faults
    .filter((other) => other !== fault && (other.removedMs ?? Number.POSITIVE_INFINITY) > removedMs)
    .map((other) => other.injectedMs ?? Number.POSITIVE_INFINITY);
  return Math.max(removedMs, Math.min(Number.POSITIVE_INFINITY, ...starts));
}
