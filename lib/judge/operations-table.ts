import type { Operation } from '../../reports/model/verdict.ts';
import { quantile } from '../observe/histogram.ts';
import type { OperationWindow, Second } from '../observe/observations.ts';
import type { Phase, Plan } from '../plan/plan.ts';
import { sum, sumHistograms } from './tally.ts';

const QUANTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 } as const;

/**
 * One row per operation, protocol and phase, in the order of the plan's phases; both outcomes together. The blocks of a
 * comparison make two rows, "compare baseline" and "compare candidate", without their settling parts.
 */
export function operationsTable(plan: Plan, seconds: readonly Second[]): Operation[] {
  const shownAs = new Map(plan.load.phases.map((phase) => [phase.name, labelOf(phase)]));
  const order = [...new Set(shownAs.values())];
  const windows = seconds.flatMap(({ operations }) => operations);
  const groups = Map.groupBy(windows, ({ operation, protocol, phase }) =>
    JSON.stringify([operation, protocol, shownAs.has(phase) ? shownAs.get(phase) : phase]),
  );
  return [...groups.values()]
    .flatMap((group) => rowOf(group, shownAs))
    .toSorted(
      (a, b) =>
        a.operation.localeCompare(b.operation) ||
        a.protocol.localeCompare(b.protocol) ||
        order.indexOf(a.phase) - order.indexOf(b.phase),
    );
}

/** Undefined: not shown. */
function labelOf({ name, block }: Phase): string | undefined {
  if (block === undefined) return name;
  return block.settling ? undefined : `${block.of} ${block.variant}`;
}

function rowOf(windows: readonly OperationWindow[], shownAs: ReadonlyMap<string, string | undefined>): Operation[] {
  const [first] = windows;
  if (first === undefined) return [];
  const { operation, protocol } = first;
  const phase = shownAs.has(first.phase) ? shownAs.get(first.phase) : first.phase;
  if (phase === undefined) return [];
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
