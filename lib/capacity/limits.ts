import type { Probe } from '../../reports/model/capacity.ts';

/** From this use on a CPU is as good as busy all the time: the rest is waiting for the next request. */
const BUSY_SHARE = 0.9;
/** A service whose CPU use grows by less than this share of the load's growth has come to its end. */
const GROWTH_SHARE = 0.5;

/** The budget that broke at the first failing rate: the one named most often there, the first of them. */
export function limitingBudget(probes: readonly Probe[], firstFail: number | undefined): string | undefined {
  const named = probes
    .filter(({ perSecond, outcome }) => perSecond === firstFail && outcome === 'fail')
    .flatMap(({ broken }) => broken);
  const counts = Map.groupBy(named, (title) => title);
  const most = Math.max(0, ...[...counts.values()].map((titles) => titles.length));
  return named.find((title) => counts.get(title)?.length === most);
}

/**
 * What was at its end at the first failing rate:
 *
 * - the machine, when nearly all of its CPUs were busy;
 * - a service that kept whole cores busy (0.9 of one, two, …), or whose CPU use no longer grew with the load;
 * - else nothing that is seen from outside: requests wait for a pool, a lock, or something behind the service.
 *
 * Undefined when there was no failing probe with figures.
 */
export function saturatedResource(
  probes: readonly Probe[],
  { lastPass, firstFail }: { readonly lastPass: number | undefined; readonly firstFail: number | undefined },
  { cpus, services }: { readonly cpus: number; readonly services: readonly string[] },
): string | undefined {
  const failing = probes.find(({ perSecond, outcome }) => perSecond === firstFail && outcome === 'fail');
  if (failing === undefined) return undefined;
  const { machine } = failing.cpuCores;
  if (machine !== undefined && machine >= BUSY_SHARE * cpus)
    return `CPU of the machine (${share(machine / cpus)} busy)`;
  const below = probes.filter(({ perSecond, outcome }) => outcome === 'pass' && perSecond <= (lastPass ?? 0));
  const reference = below.toSorted((a, b) => a.perSecond - b.perSecond)[0];
  const candidates = services.flatMap((service) => {
    const cores = failing.cpuCores[service];
    if (cores === undefined || cores < 0.5) return [];
    const whole = Math.round(cores);
    const busy = whole >= 1 && cores >= BUSY_SHARE * whole && cores <= whole * 1.05;
    const before = reference?.cpuCores[service];
    const grown =
      before !== undefined && reference !== undefined && failing.perSecond > reference.perSecond * 1.5
        ? (cores / before - 1) / (failing.perSecond / reference.perSecond - 1)
        : 1;
    return busy || grown < GROWTH_SHARE ? [{ service, cores }] : [];
  });
  const [worst] = candidates.toSorted((a, b) => b.cores - a.cores);
  if (worst !== undefined) return `CPU of ${worst.service} (${worst.cores.toFixed(2)} cores)`;
  return 'none that is seen: requests wait for a pool, a lock, or something behind the services';
}

function share(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}
