import { UsageError } from '../errors.ts';
import { loadPlans } from '../plan/load-plans.ts';
import type { Override } from '../plan/override.ts';
import type { Plan } from '../plan/plan.ts';

export interface OnePlanRequest {
  readonly configPath: string | undefined;
  readonly overrides: readonly Override[];
  /** Why it must be one. */
  readonly hint: string;
}

/** The plan of the experiment that the command line names, and the folder for runs. UsageError when it is not one. */
export async function loadOnePlan(
  name: string,
  { configPath, overrides, hint }: OnePlanRequest,
): Promise<{ readonly plan: Plan; readonly output: string }> {
  const { plans, output } = await loadPlans({ cwd: process.cwd(), configPath, names: [name], overrides });
  const [plan, ...others] = plans;
  if (plan === undefined || others.length > 0) {
    throw new UsageError(`"${name}" is ${plans.length} experiments`, { hint });
  }
  return { plan, output };
}
