import { z } from 'zod';
import { durationMsSchema, nameSchema, positiveDurationMsSchema } from '../quantities.ts';
import { drillRequestSchema } from '../requests.ts';
import { common } from './common.ts';

/** SIGTERM under load: every request that is in flight is answered (RBK-3). */
export const gracefulStopDrillSchema = z.strictObject({
  kind: z.literal('graceful-stop'),
  ...common,
  services: z
    .array(
      z.strictObject({
        /** A service that the harness starts; it is started again afterwards. */
        service: nameSchema,
        /** A request that it takes a while to answer, some tenths of a second: it must be in flight when the signal comes. */
        request: drillRequestSchema,
      }),
    )
    .min(1),
  /** Requests that are sent, evenly over `over`; the signal comes in the middle. */
  copies: z.number().int().min(4).max(500).default(40),
  over: positiveDurationMsSchema.default(1_000),
  /** One that was sent so shortly before the signal may not have arrived: it shows nothing. */
  settled: durationMsSchema.default(50),
  /** So many must have been in flight. */
  atLeast: z.number().int().min(1).default(5),
});
