import { z } from 'zod';

const uint32 = z.number().int().min(0).max(0xff_ff_ff_ff);
const durationMs = z.number().min(0).max(86_400_000);

const actionSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('fail'), status: z.number().int().min(0).max(599) }),
  z.strictObject({ type: z.literal('delay'), delayMs: durationMs, jitterMs: durationMs }),
  z.strictObject({ type: z.literal('hang') }),
  z.strictObject({ type: z.literal('cut') }),
]);

/** A rule as the control API takes it. What a failed request's status may be depends on the edge. */
export const ruleSchema = z
  .strictObject({
    id: z.string().min(1).max(200),
    edge: z.string().min(1).max(200),
    operations: z.array(z.string().min(1).max(1_000)).min(1).optional(),
    first: z.number().int().min(1).optional(),
    pattern: z
      .strictObject({ count: z.number().int().min(1), of: z.number().int().min(1) })
      .refine(({ count, of }) => count <= of, 'must have a `count` of at most `of`')
      .optional(),
    share: z.number().min(0).max(1).optional(),
    seed: uint32,
    action: actionSchema,
    forMs: z.number().positive().max(86_400_000),
  })
  .refine(
    ({ first, pattern, share }) => [first, pattern, share].filter((choice) => choice !== undefined).length <= 1,
    'must have at most one of `first`, `pattern` and `share`',
  );
