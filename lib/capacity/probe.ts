import type { Verdict } from '../../reports/model/verdict.ts';
import type { Probe } from '../../reports/model/capacity.ts';
import type { Second } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import type { ProbeRequest } from './search.ts';

/**
 * What a probe's run says about its rate. Broken budgets, and a service that died, fail it. A run whose load generator was
 * not healthy, or whose machine had no CPU left, is inconclusive and the generator's limit.
 */
export function toProbe(
  { perSecond, purpose }: ProbeRequest,
  index: number,
  folder: string,
  plan: Plan,
  verdict: Verdict,
  seconds: readonly Second[],
): Probe {
  const broken = verdict.checks.filter(({ outcome }) => outcome === 'fail');
  const unclear = verdict.checks.filter(({ outcome }) => outcome === 'inconclusive');
  const generator = unclear.find(({ kind }) => kind === 'generator');
  const doubted = unclear.find(({ reason }) => reason.startsWith('would fail'));
  const first = broken[0] ?? generator ?? doubted ?? unclear[0];
  return {
    index,
    purpose,
    perSecond,
    outcome: broken.length > 0 ? 'fail' : verdict.outcome,
    reason: first === undefined ? 'every budget held' : `${first.title}: ${first.reason}`,
    broken: broken.map(({ title }) => title),
    generatorLimited: broken.length === 0 && (generator ?? doubted) !== undefined,
    folder,
    ...figuresOf(plan, verdict, seconds),
  };
}

/** Averages of the judged phase. */
function figuresOf(plan: Plan, { operations }: Verdict, seconds: readonly Second[]) {
  const phase = plan.load.phases.find(({ name }) => name === plan.load.steady);
  const judged = seconds.filter(
    ({ t }) => phase !== undefined && t * 1_000 >= phase.startMs && (t + 1) * 1_000 <= phase.endMs,
  );
  const rows = operations.filter((row) => row.phase === plan.load.steady);
  const requests = rows.reduce((sum, row) => sum + row.requests, 0);
  const failed = rows.reduce((sum, row) => sum + row.failed, 0);
  const mean = (of: (second: Second) => number) => judged.reduce((sum, second) => sum + of(second), 0) / judged.length;
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
    ...(judged.length === 0 || requests === 0
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
