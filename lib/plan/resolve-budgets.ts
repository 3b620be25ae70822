import { suggest } from './nearest.ts';
import type { Report } from './resolve.ts';
import type { Budget } from './schema/budgets.ts';

interface Known {
  readonly phases: readonly string[];
  readonly faults: readonly string[];
  readonly services: readonly string[];
  readonly report: Report;
}

/** Checks the names that budgets refer to; returns them unchanged. */
export function resolveBudgets(
  budgets: readonly Budget[],
  { phases, faults, services, report }: Known,
): readonly Budget[] {
  for (const [index, budget] of budgets.entries()) {
    const check = (field: string, value: string, known: readonly string[], what: string) => {
      if (known.includes(value)) return;
      report(
        `budgets[${index}].${field}`,
        value,
        `unknown ${what}`,
        suggest(value, known) ?? `there is no ${what} here`,
      );
    };
    switch (budget.kind) {
      case 'latency':
      case 'errors':
      case 'throughput':
        check('phase', budget.phase, phases, 'phase');
        break;
      case 'cpu':
      case 'memory':
        check('phase', budget.phase, phases, 'phase');
        check('service', budget.service, services, 'service');
        break;
      case 'recovery':
        check('after', budget.after, faults, 'fault');
        break;
      default:
        budget satisfies never;
    }
  }
  return budgets;
}
