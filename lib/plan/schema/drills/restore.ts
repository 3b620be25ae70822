import { z } from 'zod';
import { nameSchema, positiveDurationMsSchema, ratioSchema } from '../quantities.ts';
import { common } from './common.ts';

/** Each service is killed (kill -9) and started again under load: all is well again in time, and the history says that nothing is lost (RBK-6). */
export const restoreDrillSchema = z.strictObject({
  kind: z.literal('restore'),
  ...common,
  /** Services, stores among them, that the harness starts: killed one after the other. */
  services: z.array(nameSchema).min(1),
  /** How long each stays away. */
  down: positiveDurationMsSchema.default(1_000),
  /** From its start on until three one-second windows in a row hold. */
  within: positiveDurationMsSchema.default(10_000),
  operation: z.string().min(1).default('*'),
  protocol: z.enum(['http', 'grpc']).optional(),
  under: positiveDurationMsSchema,
  atLeast: ratioSchema.default(0.99),
});
