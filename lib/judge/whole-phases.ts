import type { Second } from '../observe/observations.ts';
import type { Phase, Plan } from '../plan/plan.ts';

/**
 * The phases as the experiment names them: a comparison splits one of them into blocks, each a phase of its own in the
 * plan and in the metrics.
 */
export function wholePhases(plan: Plan): readonly Phase[] {
  const groups = Map.groupBy(plan.load.phases, ({ name, block }) => block?.of ?? name);
  return [...groups].flatMap(([name, parts]) => {
    const [first, last] = [parts[0], parts.at(-1)];
    if (first === undefined || last === undefined) return [];
    if (first.block === undefined) return [first];
    const { startMs, fromPerSecond } = first;
    return [{ name, startMs, endMs: last.endMs, fromPerSecond, toPerSecond: last.toPerSecond }];
  });
}

/**
 * How long a phase has lasted in the seconds that were observed, in seconds: to its planned end, or to the last second
 * that was seen. 0 when the plan has no such phase.
 */
export function lastedSeconds(plan: Plan, name: string, seconds: readonly Second[]): number {
  const phase = wholePhases(plan).find((whole) => whole.name === name);
  if (phase === undefined) return 0;
  const seenMs = seconds.reduce((end, { t }) => Math.max(end, (t + 1) * 1_000), 0);
  return Math.max(0, Math.min(phase.endMs, seenMs) - phase.startMs) / 1_000;
}
