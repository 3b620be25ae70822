import { z } from 'zod';
import { nameSchema, positiveDurationMsSchema, ratioSchema } from '../quantities.ts';
import { common } from './common.ts';
import { watchedEdgeSchema } from './parts.ts';

/** Shares at which a canary is looked at; the last one decides. */
const sharesSchema = z
  .array(z.number().gt(0).max(100))
  .min(1)
  .max(10)
  .refine((shares) => shares.every((share, index) => share > (shares[index - 1] ?? 0)), 'must rise');

/**
 * RBK-5: the candidate gets a growing share of the traffic. At each share its requests are set against the baseline's, in blocks
 * with and without the canary in turn; one that is shown to be worse is taken out at once.
 */
export const canaryDrillSchema = z.strictObject({
  kind: z.literal('canary'),
  ...common,
  capability: nameSchema,
  shares: sharesSchema.default([25, 100]),
  /** What a bad request is, and how many more of them the candidate may have. */
  analysis: z.strictObject({
    operation: z.string().min(1),
    protocol: z.enum(['http', 'grpc']).optional(),
    /** Bad: failed, or not answered in this time. */
    under: positiveDurationMsSchema,
    /** By how much the share of the candidate's bad requests may be higher than the baseline's. */
    margin: ratioSchema.default(0.02),
    /** Blocks with the canary, and as many without it, at each share. */
    blocks: z.number().int().min(4).max(50).default(6),
    /** How long each block lasts. */
    block: positiveDurationMsSchema.default(1_200),
    /** Left out of each block in which traffic was moved. */
    settle: positiveDurationMsSchema.default(300),
    /** Probability that a canary that is as good as the baseline is stopped, over all shares. */
    falseAlarm: ratioSchema.refine((share) => share > 0, 'must be more than 0%').default(0.01),
  }),
  /** From when it is found to be worse until no traffic goes to it any more. */
  within: positiveDurationMsSchema.default(3_000),
  /** Ways to the candidate on which no call may arrive after that; none: the switch is believed. */
  edges: z.array(watchedEdgeSchema).default([]),
});
