import { stepOf } from '../../../chaos/drills/drill.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import { sum, tallyPhase } from '../tally.ts';
import { type DrillOn, arrivals } from './subject.ts';

/** A drill whose calls are made by the load. */
export type Loaded = DrillOn<Drill<'circuit-breaker' | 'timeout' | 'retry'>>;

/** Requests of the drill's operation that were started in a phase. */
export function requestsIn({ on, observations }: Loaded, phase: string): number {
  const { succeeded, failed } = tallyPhase(observations.seconds, phase, on);
  return succeeded.count + failed.count;
}

/** How many calls on the edge one request makes when nothing is wrong, from phases in which nothing is; undefined: they saw none. */
export function callsPerRequest(subject: Loaded, ...phases: readonly string[]): number | undefined {
  const windows = subject.plan.load.phases.filter(({ name }) => phases.includes(name));
  const requests = sum(windows, ({ name }) => requestsIn(subject, name));
  const calls = sum(windows, ({ startMs, endMs }) => arrivals(subject, startMs, endMs).length);
  return requests === 0 || calls === 0 ? undefined : calls / requests;
}

/** Calls a millisecond that the load would make in a step when nothing is wrong. */
export function callRate(subject: Loaded, step: string, perRequest: number): number {
  const { phase, startMs, endMs } = stepOf(subject.drill, step);
  return (requestsIn(subject, phase) * perRequest) / (endMs - startMs);
}
