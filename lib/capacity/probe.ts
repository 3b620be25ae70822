import type { Verdict } from '../../reports/model/verdict.ts';
import type { Probe } from '../../reports/model/capacity.ts';
import { findContention } from '../judge/contention.ts';
import type { Second } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import type { ProbeRequest } from './search.ts';

export interface ProbeRun {
  readonly request: ProbeRequest;
  /** 1-based, in the order of time. */
  readonly index: number;
  /** The probe's run folder, relative to that of the search. */
  readonly folder: string;
  readonly plan: Plan;
  readonly verdict: Verdict;
  readonly seconds: readonly Second[];
  /** Set when the system still had the load of the probe before: says how that showed. */
  readonly leftover: string | undefined;
}

/**
 * What a probe's run says about its rate. Broken budgets, and a service that died, fail it, unless the system still had the
 * load of the probe before. A run whose load generator was not healthy, or whose machine had no CPU left, is inconclusive
 * and the generator's limit; but not when other processes took that CPU.
 */
export function toProbe(run: ProbeRun): Probe {
  const { request, index, folder, plan, verdict, seconds, leftover } = run;
  const broken = verdict.checks.filter(({ outcome }) => outcome === 'fail');
  const unclear = verdict.checks.filter(({ outcome }) => outcome === 'inconclusive');
  const generator = unclear.find(({ kind }) => kind === 'generator');
  const doubted = unclear.find(({ reason }) => reason.startsWith('would fail'));
  const endMs = plan.load.phases.at(-1)?.endMs ?? 0;
  const loaded = seconds.filter(({ t }) => t * 1_000 < endMs);
  const foreign = findContention(plan, loaded, verdict.environment.host.cpus);
  const left = broken.length > 0 ? leftover : undefined;
  const outcome = left === undefined ? verdict.outcome : 'inconclusive';
  const first = broken[0] ?? generator ?? doubted ?? unclear[0];
  const because = first === undefined ? verdict.summary : `${first.title}: ${first.reason}`;
  const neighbour =
    outcome === 'inconclusive' && foreign !== undefined && !because.includes('other processes')
      ? ` (other processes took ${foreign.foreignCores.toFixed(1)} CPUs meanwhile)`
      : '';
  return {
    index,
    purpose: request.purpose,
    perSecond: request.perSecond,
    outcome,
    reason: left ?? (outcome === 'pass' ? 'every budget held' : `${because}${neighbour}`),
    broken: outcome === 'fail' ? broken.map(({ title }) => title) : [],
    generatorLimited:
      outcome === 'inconclusive' && left === undefined && foreign === undefined && (generator ?? doubted) !== undefined,
    folder,
    ...figuresOf(plan, verdict, seconds),
  };
}

/**
 * Averages of the judged phase. What was in flight at the load's end ends in its last second, so that one does not count
 * where iterations are counted.
 */
function figuresOf(plan: Plan, { operations }: Verdict, seconds: readonly Second[]) {
  const phase = plan.load.phases.find(({ name }) => name === plan.load.steady);
  const judged = seconds.filter(
    ({ t }) => phase !== undefined && t * 1_000 >= phase.startMs && (t + 1) * 1_000 <= phase.endMs,
  );
  const rows = operations.filter((row) => row.phase === plan.load.steady);
  const requests = rows.reduce((sum, row) => sum + row.requests, 0);
  const failed = rows.reduce((sum, row) => sum + row.failed, 0);
  const inner = judged.length > 1 ? judged.slice(0, -1) : judged;
  const mean = (of: (second: Second) => number) => inner.reduce((sum, second) => sum + of(second), 0) / inner.length;
  const slowest = (quantile: 'p50' | 'p99') => {
    const values = rows.flatMap((row) => row.quantiles[quantile] ?? []);
    return values.length === 0 ? undefined : Math.max(...values);
  };
  const cpuCores: Record<string, number> = {};
  const rssBytes: Record<string, number> = {};
  const sources = new Map(judged.flatMap(({ resources }) => resources.map(({ source, role }) => [source, role])));
  for (const [source, role] of sources) {
    const samples = judged.flatMap(({ resources }) => resources.filter((sample) => sample.source === source));
    cpuCores[source] = samples.reduce((sum, sample) => sum + sample.cpuCores, 0) / samples.length;
    if (role === 'service') rssBytes[source] = Math.max(...samples.map((sample) => sample.rssBytes));
  }
  const [p50Ms, p99Ms] = [slowest('p50'), slowest('p99')];
  return {
    ...(inner.length === 0 || requests === 0
      ? {}
      : {
          achievedPerSecond: mean(({ iterations }) => iterations) * (1 - failed / requests),
          concurrency: mean(({ busyVus }) => busyVus),
          failedRatio: failed / requests,
        }),
    ...(p50Ms === undefined ? {} : { p50Ms }),
    ...(p99Ms === undefined ? {} : { p99Ms }),
    cpuCores,
    rssBytes,
  };
}
