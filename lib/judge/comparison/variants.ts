import type { Plan } from '../../plan/plan.ts';

/**
 * Whether both sides of the comparison are the same (A/A): the same traffic, and the same variables once those of the load
 * and of the phase are added, in whatever order they are written.
 */
export function areSame(plan: Plan): boolean {
  const { comparison, load } = plan;
  if (comparison === undefined) return false;
  const [baseline, candidate] = (['baseline', 'candidate'] as const).map((variant) => {
    const phase = load.phases.find(({ block }) => block?.variant === variant);
    return canonical([comparison[variant].traffic, { ...load.env, ...phase?.env, ...comparison[variant].env }]);
  });
  return baseline === candidate;
}

/**
 * Capabilities whose traffic only one of the two sets. Nothing moves it back in the other's blocks, so that after the first
 * switch both would be served alike.
 */
export function setByOne({ comparison }: Plan): readonly string[] {
  const [baseline, candidate] = [comparison?.baseline.traffic ?? {}, comparison?.candidate.traffic ?? {}];
  return [...Object.keys(baseline), ...Object.keys(candidate)].filter(
    (capability) => !(capability in baseline && capability in candidate),
  );
}

function canonical(records: readonly Readonly<Record<string, unknown>>[]): string {
  return JSON.stringify(records.map((record) => Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}
