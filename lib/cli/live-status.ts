import type { LiveStatus } from '../../reports/console/live-status.ts';
import { addHistograms, emptyHistogram, quantile } from '../observe/histogram.ts';
import type { Second } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';

/** One second of the timeline as the live view shows it. Pure. */
export function toLiveStatus(second: Second, plan: Plan): LiveStatus {
  const elapsedMs = (second.t + 1) * 1_000;
  const all = second.operations.reduce(
    (sum, { succeeded, failed }) => addHistograms(addHistograms(sum, succeeded), failed),
    emptyHistogram(),
  );
  const failures = second.operations.reduce((sum, { failed }) => sum + failed.count, 0);
  const p50Ms = toMs(quantile(all, 0.5));
  const p99Ms = toMs(quantile(all, 0.99));
  return {
    elapsedMs,
    totalMs: plan.load.phases.at(-1)?.endMs ?? elapsedMs,
    phase: second.phase,
    offeredPerSecond: second.offered,
    achievedPerSecond: second.iterations,
    ...(p50Ms === undefined ? {} : { p50Ms }),
    ...(p99Ms === undefined ? {} : { p99Ms }),
    errorRatio: all.count === 0 ? 0 : failures / all.count,
    dropped: second.dropped,
    faults: plan.faults
      .filter(({ startMs, endMs }) => startMs < elapsedMs && endMs > elapsedMs - 1_000)
      .map(({ name }) => name),
    cpu: second.resources.map(({ source, cpuCores }) => ({ source, cores: cpuCores })),
    memory: second.resources
      .filter(({ role }) => role !== 'machine')
      .map(({ source, rssBytes }) => ({ source, bytes: rssBytes })),
  };
}

function toMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}
