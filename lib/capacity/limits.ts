import type { Probe } from '../../reports/model/capacity.ts';

/** From this use on a CPU is as good as busy all the time: the rest is waiting for the next request. */
const BUSY_SHARE = 0.9;
/** CPU use is measured once a second: whole cores may look like a little more. */
const MOST_SHARE = 1.05;
/** A service that used more than this at a higher rate was not at its end before. */
const GROWTH = 1.15;

/** The budget that broke at the first failing rate: the one named most often there, the first of them. */
export function limitingBudget(probes: readonly Probe[], firstFail: number | undefined): string | undefined {
  const named = failingAt(probes, firstFail).flatMap(({ broken }) => broken);
  const counts = Map.groupBy(named, (title) => title);
  const most = Math.max(0, ...[...counts.values()].map((titles) => titles.length));
  return named.find((title) => counts.get(title)?.length === most);
}

/**
 * What was at its end at the first failing rate:
 *
 * - the machine, when nearly all of its CPUs were busy;
 * - a service that kept whole cores busy (0.9 of one, two, …), unless it used more of them at a rate further up;
 * - else nothing that is seen from outside: requests wait for a pool, a lock, or something behind the service.
 *
 * Undefined when there was no failing probe.
 */
export function saturatedResource(
  probes: readonly Probe[],
  firstFail: number | undefined,
  { cpus, services }: { readonly cpus: number; readonly services: readonly string[] },
): string | undefined {
  const failing = failingAt(probes, firstFail)[0];
  if (failing === undefined) return undefined;
  const { machine } = failing.cpuCores;
  if (machine !== undefined && machine >= BUSY_SHARE * cpus) {
    return `CPU of the machine (${Math.round((machine / cpus) * 100)} % busy)`;
  }
  const beyond = probes.filter(({ outcome, perSecond }) => outcome === 'fail' && perSecond > failing.perSecond);
  const [worst] = services
    .map((service) => ({ service, cores: failing.cpuCores[service] ?? 0 }))
    .filter(({ service, cores }) => {
      const whole = Math.max(1, Math.round(cores));
      const grew = beyond.some(({ cpuCores }) => (cpuCores[service] ?? 0) > cores * GROWTH);
      return cores >= BUSY_SHARE * whole && cores <= MOST_SHARE * whole && !grew;
    })
    .toSorted((a, b) => b.cores - a.cores);
  if (worst !== undefined) return `CPU of ${worst.service} (${worst.cores.toFixed(2)} cores)`;
  return 'none that is seen: requests wait for a pool, a lock, or something behind the services';
}

function failingAt(probes: readonly Probe[], rate: number | undefined): Probe[] {
  return probes.filter(({ perSecond, outcome }) => perSecond === rate && outcome === 'fail');
}
