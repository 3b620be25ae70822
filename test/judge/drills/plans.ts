import { layOutDrills } from '../../../chaos/drills/lay-out.ts';
import { derivedSeed } from '../../../chaos/seeded.ts';
import { judgeDrills } from '../../../lib/judge/drills/judge-drills.ts';
import type { Observations } from '../../../lib/observe/observations.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { type DrillInput, drillSchema } from '../../../lib/plan/schema/drills.ts';
import { phases, planOf } from '../builders.ts';

export const EDGE = 'orders-pricing';
/** How the load's requests need the edge. */
export const QUOTES = { edge: EDGE, operation: 'quote', protocol: 'grpc' } as const;

/** A plan of one drill after a steady phase of 10 s, laid out as the plan phase does it. */
export function drillPlan(input: object, perSecond = 100): Plan {
  const drill: DrillInput = drillSchema.parse(input);
  const before = phases(['steady', 10, perSecond]);
  const plan = planOf({ phases: before });
  const laidOut = layOutDrills([drill], before, {
    protocolOf: (edge) => plan.system.edges[edge]?.protocol ?? 'tcp',
    seedOf: (text) => derivedSeed(7, text),
  });
  return {
    ...plan,
    load: { ...plan.load, phases: [...before, ...laidOut.phases] },
    faults: laidOut.faults,
    drills: laidOut.drills,
  };
}

/** Outcome by the last part of each check's id. */
export function outcomesOf(plan: Plan, observations: Observations): Record<string, string> {
  return Object.fromEntries(
    judgeDrills(plan, observations).map(({ id, outcome }) => [id.split(':').at(-1) ?? id, outcome]),
  );
}

/** The checks that came out so, by the last part of their ids. */
export function checksThat(outcome: string, outcomes: Readonly<Record<string, string>>): string[] {
  return Object.keys(outcomes).filter((id) => outcomes[id] === outcome);
}

export function checkOf(id: string, plan: Plan, observations: Observations) {
  const check = judgeDrills(plan, observations).find((one) => one.id.endsWith(`:${id}`));
  if (check === undefined) throw new Error(`no check ${id}`);
  return check;
}
