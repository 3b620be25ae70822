import { suggest } from './nearest.ts';
import type { Fault, Phase } from './plan.ts';
import type { Report } from './check-names.ts';
import type { Budget } from './schema/budgets.ts';

interface Known {
  readonly phases: readonly Phase[];
  /** The phase that a comparison has split, if there is one. */
  readonly split: string | undefined;
  readonly faults: readonly Fault[];
  readonly services: readonly string[];
  readonly report: Report;
}

/** Checks the names that budgets refer to; returns them unchanged. */
export function resolveBudgets(budgets: readonly Budget[], known: Known): readonly Budget[] {
  const { phases, split, faults, services, report } = known;
  const phaseNames = phases.filter(({ block }) => block === undefined).map(({ name }) => name);
  const faultNames = faults.map(({ name }) => name);
  for (const [index, budget] of budgets.entries()) {
    const check = (field: string, value: string, names: readonly string[], what: string) => {
      if (names.includes(value)) return true;
      const path = `budgets[${index}].${field}`;
      if (value === split && what.startsWith('phase')) {
        const hint = 'the comparison judges it; budgets need a phase of their own';
        report(path, value, 'is split into blocks by the comparison', hint);
      } else {
        report(path, value, `unknown ${what}`, suggest(value, names) ?? `there is no ${what} here`);
      }
      return false;
    };
    const phase = (field: string, value: string) => check(field, value, phaseNames, 'phase');
    switch (budget.kind) {
      case 'latency':
      case 'errors':
      case 'throughput':
      case 'rejections':
      case 'quota':
        phase('phase', budget.phase);
        break;
      case 'cpu':
      case 'memory':
      case 'cpu-per-request':
      case 'memory-growth':
        phase('phase', budget.phase);
        check('service', budget.service, services, 'service');
        break;
      case 'goodput':
        phase('phase', budget.phase);
        phase('against', budget.against);
        break;
      case 'latency-rise':
        phase('against', budget.against);
        if (phase('phase', budget.phase) && budget.fault !== undefined) {
          if (check('fault', budget.fault, faultNames, 'fault')) checkDelay(budget.fault, budget.phase, index, known);
        }
        break;
      case 'recovery':
        check('after', budget.after, [...faultNames, ...phaseNames], 'fault or phase');
        break;
      default:
        budget satisfies never;
    }
  }
  return budgets;
}

/** A rise is explained by a delay only where the delay is in force. */
function checkDelay(name: string, phaseName: string, index: number, { phases, faults, report }: Known): void {
  const path = `budgets[${index}].fault`;
  const fault = faults.find((candidate) => candidate.name === name);
  const phase = phases.find((candidate) => candidate.name === phaseName);
  if (fault === undefined || phase === undefined) return;
  if (fault.kind !== 'latency') {
    report(path, name, 'is no latency fault', 'only a fault that delays explains a rise');
  } else if (fault.endMs <= phase.startMs || fault.startMs >= phase.endMs) {
    report(path, name, `is not in force in the phase "${phaseName}"`, `use \`during: "${phaseName}"\` in the fault`);
  }
}
