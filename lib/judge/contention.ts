import type { Second } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import { sum } from './tally.ts';

/** Long enough to spoil a percentile of a phase that lasts half a minute. */
const WINDOW_SECONDS = 3;
const BUSY_MACHINE_SHARE = 0.85;
const FOREIGN_SHARE = 0.25;

/** CPU that went to processes outside the run while the machine had hardly any left, in cores. */
export interface Contention {
  readonly foreignCores: number;
  readonly atSecond: number;
}

/**
 * The worst 3 consecutive seconds in which the machine was at least 85 % busy and at least 25 % of its CPUs served processes
 * that are not part of the run: a noisy neighbour, whose doing must not be called the system's. Undefined when there
 * were none, and when it cannot be told because the CPU use of some service is not seen.
 */
export function findContention(plan: Plan, seconds: readonly Second[], cpus: number): Contention | undefined {
  const services = Object.keys(plan.system.services);
  const samples = seconds.flatMap(({ t, resources }) => {
    const machine = resources.find(({ role }) => role === 'machine');
    const seen = resources.map(({ source }) => source);
    if (machine === undefined || !services.every((service) => seen.includes(service))) return [];
    const own = resources.filter(({ role }) => role !== 'machine');
    return [{ t, machine: machine.cpuCores, foreign: machine.cpuCores - sum(own, ({ cpuCores }) => cpuCores) }];
  });
  let worst: Contention | undefined;
  for (let end = WINDOW_SECONDS; end <= samples.length; end += 1) {
    const window = samples.slice(end - WINDOW_SECONDS, end);
    const [first, last] = [window[0]?.t ?? 0, window.at(-1)?.t ?? 0];
    if (last - first !== WINDOW_SECONDS - 1) continue;
    const busy = sum(window, ({ machine }) => machine) / WINDOW_SECONDS;
    const foreignCores = sum(window, ({ foreign }) => foreign) / WINDOW_SECONDS;
    if (busy < BUSY_MACHINE_SHARE * cpus || foreignCores < FOREIGN_SHARE * cpus) continue;
    if (worst === undefined || foreignCores > worst.foreignCores) worst = { foreignCores, atSecond: first };
  }
  return worst;
}
