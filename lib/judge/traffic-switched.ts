import type { Check } from '../../reports/model/verdict.ts';
import type { Observations } from '../observe/observations.ts';
import type { Phase, Plan } from '../plan/plan.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { safely } from './safely.ts';
import { count, milliseconds } from './words.ts';

/**
 * Did the traffic move as planned when a phase began? A phase in which the switch did not show the planned split before
 * its end was served by something else than the experiment says: inconclusive, never red. No check where no phase moves
 * traffic.
 */
export function judgeTraffic(plan: Plan, observations: Observations): readonly Check[] {
  const moves = plan.load.phases.filter(({ traffic }) => traffic !== undefined && Object.keys(traffic).length > 0);
  if (moves.length === 0) return [];
  return [
    safely(
      {
        id: 'integrity:traffic',
        title: 'the traffic was switched as planned',
        kind: 'integrity',
        limit: 'each phase has its traffic before it ends',
      },
      () => finding(moves, observations),
    ),
  ];
}

function finding(moves: readonly Phase[], { switches, loadEndMs }: Observations): Finding {
  const reached = moves.filter(({ startMs }) => startMs < loadEndMs);
  let current = '';
  const problems: string[] = [];
  const delaysMs: number[] = [];
  for (const { name, startMs, endMs, traffic } of reached) {
    const wanted = JSON.stringify(traffic);
    const seen = switches.find(({ phase }) => phase === name);
    // What is in force already need not be asked for again.
    if (seen === undefined && wanted === current) continue;
    current = wanted;
    if (seen?.appliedMs === undefined) problems.push(`${name}: ${seen?.error ?? 'the switch was not asked'}`);
    else if (seen.appliedMs >= endMs) problems.push(`${name}: the switch showed it only after the phase`);
    else delaysMs.push(Math.max(0, seen.appliedMs - startMs));
  }
  const slowestMs = delaysMs.reduce((most, delay) => Math.max(most, delay), 0);
  const result = {
    measured: `${count(delaysMs.length, 'switch', 'switches')}, in force after ${milliseconds(slowestMs)} at most`,
    events: delaysMs.length,
    evidence: figures({ planned: reached.length, applied: delaysMs.length, slowestMs, problems: problems.length }),
  };
  if (problems.length > 0) {
    const shown = problems.slice(0, 3).join('; ');
    const more = problems.length > 3 ? `; and ${problems.length - 3} more` : '';
    return inconclusive(`${shown}${more}`, { ...result, hint: "see the journal, and the log of the switch's service" });
  }
  if (reached.length === 0) return inconclusive('not reached: the load ended before traffic was moved', result);
  return { outcome: 'pass', reason: 'every phase had its traffic', ...result };
}
