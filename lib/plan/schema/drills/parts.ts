import { z } from 'zod';
import { faultSchema } from '../faults.ts';
import { nameSchema, positiveDurationMsSchema, ratioSchema } from '../quantities.ts';

/** What must hold in each window of one second: at least `atLeast` of `operation` succeed in under `under`. */
export const windowBudgetSchema = z.strictObject({
  operation: z.string().min(1).default('*'),
  protocol: z.enum(['http', 'grpc']).optional(),
  under: positiveDurationMsSchema,
  atLeast: ratioSchema,
});

/** A fault of a drill: what it is and what it is on, as in `faults`; the drill says when. */
export const drillFaultSchema = faultSchema.refine(
  (fault) => [fault.name, fault.during, fault.at, fault.for, fault.repeat].every((value) => value === undefined),
  'must not have a name or a time of its own: the drill says when it is in force',
);

/** An edge by whose calls the candidate's traffic is seen. */
export const watchedEdgeSchema = z.strictObject({
  edge: nameSchema,
  /** Which calls on it, "POST /v1/quotes" or "/package.Service/Method", a trailing * matches any end; default: all. */
  calls: z.array(z.string().min(1)).min(1).optional(),
});

export type DrillFault = z.output<typeof drillFaultSchema>;
export type WatchedEdge = z.output<typeof watchedEdgeSchema>;
