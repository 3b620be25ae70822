import type { Operation } from '../../reports/model/verdict.ts';
import { quantile } from '../observe/histogram.ts';
import type { OperationWindow, Second } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import { sum, sumHistograms } from './tally.ts';

const QUANTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 } as const;

/** One row per operation, protocol and phase, in the order of the plan's phases; both outcomes together. */
export function operationsTable(plan: Plan, seconds: readonly Second[]): Operation[] {
  const order = plan.load.phases.map(({ name }) => name);
  const groups = Map.groupBy(
    seconds.flatMap(({ operations }) => operations),
    ({ operation, protocol, phase }) => JSON.stringify([operation, protocol, phase]),
  );
  return [...groups.values()]
    .flatMap((windows) => rowOf(windows))
    .toSorted(
      (a, b) =>
        a.operation.localeCompare(b.operation) ||
        a.protocol.localeCompare(b.protocol) ||
        order.indexOf(a.phase) - order.indexOf(b.phase),
    );
}

function rowOf(windows: readonly OperationWindow[]): Operation[] {
  const [first] = windows;
  if (first === undefined) return [];
  const { operation, protocol, phase } = first;
  const all = sumHistograms(windows.flatMap(({ succeeded, failed }) => [succeeded, failed]));
  const failed = sum(windows, (window) => window.failed.count);

  const quantiles: Operation['quantiles'] = {};
  for (const [name, q] of Object.entries(QUANTILES)) {
    const seconds = quantile(all, q);
    if (seconds !== undefined) quantiles[name as keyof typeof QUANTILES] = seconds * 1_000;
  }
  const row = { operation, protocol, phase, requests: all.count, failed, quantiles };
  return [all.count === 0 ? row : { ...row, meanMs: (all.sum / all.count) * 1_000 }];
}
