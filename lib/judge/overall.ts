import type { Check, Outcome } from '../../reports/model/verdict.ts';
import type { Plan } from '../plan/plan.ts';
import { steadyFailed } from './reached.ts';

/** The worst of them: fail, then inconclusive, then pass. Without any check nothing was shown: inconclusive. */
export function overall(checks: readonly Check[]): Outcome {
  if (checks.some(({ outcome }) => outcome === 'fail')) return 'fail';
  return checks.length > 0 && checks.every(({ outcome }) => outcome === 'pass') ? 'pass' : 'inconclusive';
}

/** What explains the others comes first: a service that died, an unhealthy generator, a fault without effect. */
const CAUSES: readonly Check['kind'][] = ['integrity', 'generator', 'fault-effect'];

/** The verdict in one sentence: "pass: 12 of 12 checks held", "fail: <title>: <reason>", and how many more there are. */
export function summarise(plan: Plan, checks: readonly Check[]): string {
  const outcome = overall(checks);
  if (checks.length === 0) return 'inconclusive: nothing was checked';
  if (outcome === 'pass') return `pass: ${checks.length} of ${checks.length} checks held`;
  const alike = checks.filter((check) => check.outcome === outcome);
  const [first] = alike.toSorted((a, b) => weight(a) - weight(b));
  const more = alike.length > 1 ? ` (and ${alike.length - 1} more)` : '';
  const stopped =
    plan.faults.length > 0 && steadyFailed(checks, plan) && checks.some(({ measured }) => measured === 'not reached')
      ? '; the steady phase did not hold, so nothing was learnt about the faults'
      : '';
  return `${outcome}: ${first?.title ?? ''}: ${first?.reason ?? ''}${more}${stopped}`;
}

function weight({ kind }: Check): number {
  const index = CAUSES.indexOf(kind);
  return index === -1 ? CAUSES.length : index;
}
