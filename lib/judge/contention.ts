import type { Observations, Second } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import { busiestCores } from './busiest.ts';
import { lagProblem } from './generator-problems.ts';
import { harmlessLagMs, startLagMs } from './start-lag.ts';
import { sum } from './tally.ts';
import { percent } from './words.ts';

/** Long enough to spoil a percentile of a phase that lasts half a minute. */
const WINDOW_SECONDS = 3;
const BUSY_MACHINE_SHARE = 0.85;
const FOREIGN_SHARE = 0.25;

const SATURATED_MACHINE_SHARE = 0.97;

/** Why a figure may be worse than the system is, and what to do about it. */
export interface Doubt {
  readonly reason: string;
  readonly hint: string;
}

/**
 * Whether the machine had too little CPU left for the run. Starved of CPU, k6 and the services look slower than they are,
 * never faster: what held, held all the same, but what failed may be a false alarm.
 */
export function doubtOfMachine(plan: Plan, observations: Observations): Doubt | undefined {
  const cpus = Math.max(1, observations.generator.cpus);
  const seconds = observations.seconds.filter(({ t }) => t * 1_000 < observations.loadEndMs);
  const contention = findContention(plan, seconds, cpus);
  if (contention !== undefined) {
    const { foreignCores, atSecond } = contention;
    return {
      reason: `other processes of this machine took ${foreignCores.toFixed(1)} of its ${cpus} CPUs at ${atSecond} s, while it was busy`,
      hint: 'run it when the machine has nothing else to do',
    };
  }
  const busiest = busiestCores(seconds, 'machine');
  if (busiest !== undefined && busiest / cpus >= SATURATED_MACHINE_SHARE) {
    return {
      reason: `the machine's CPUs were ${percent(busiest / cpus, SATURATED_MACHINE_SHARE)} busy for 5 s: k6 may have been starved`,
      hint: 'run k6 and the system on different machines, use more cores, or lower the rate',
    };
  }
  return lagProblem(startLagMs(seconds), harmlessLagMs(plan));
}

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
