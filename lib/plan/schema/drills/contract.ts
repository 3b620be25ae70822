import { z } from 'zod';
import { trafficByCapabilitySchema } from '../load.ts';
import { nameSchema } from '../quantities.ts';
import { common } from './common.ts';

/**
 * Texts in values and messages may hold `{{key}}` and `{{account}}`, which are new in each request, and what an earlier call was
 * answered with: `{{ledger-append#/id}}` is the value at that JSON pointer of that operation's answer.
 */
const valuesSchema = z.record(z.string(), z.json()).default({});

/** Changes, or deviations of answers, that are wanted: by rule ("property-required"), by place, or both with a blank in between. */
const allow = z.array(z.string().min(1)).default([]);

const openapiSchema = z.strictObject({
  /** The OpenAPI documents (3.1 or 3.0, YAML or JSON), relative to the config. */
  previous: z.string().min(1),
  /** What changed since then is looked at too, where this is given. */
  current: z.string().min(1).optional(),
  /**
   * The operations that are called, one after the other: each with what the previous document says is required, and with all that
   * it knows of the body. `values` are for parameters and the body's properties where an example of the document does not do.
   */
  calls: z.array(z.strictObject({ operation: z.string().min(1), values: valuesSchema })).min(1),
  allow,
});

const protoSchema = z.strictObject({
  /** Folders of .proto files, relative to the config, and the files in them. */
  previous: z.string().min(1),
  current: z.string().min(1).optional(),
  files: z.array(z.string().min(1)).min(1),
  calls: z
    .array(
      z.strictObject({
        /** "package.Service/Method", unary or a server stream. */
        method: z.string().regex(/^[\w.]+\/\w+$/, 'must be like "package.Service/Method"'),
        message: valuesSchema,
        // Fields of the answer that must not be empty: "/lines/*/unitMinor".
        filled: z.array(z.string().startsWith('/')).default([]),
      }),
    )
    .min(1),
  /** Which of buf's rules changes are held to: PACKAGE for clients that are built anew too, WIRE_JSON for what is on the wire. */
  rules: z.enum(['FILE', 'PACKAGE', 'WIRE_JSON', 'WIRE']).default('PACKAGE'),
  allow,
});

const targetSchema = z
  .strictObject({
    name: nameSchema,
    /** Base URL, and address. */
    http: z.string().min(1).optional(),
    grpc: z.string().min(1).optional(),
    /** With each request; over gRPC as metadata. */
    headers: z.record(z.string(), z.string()).default({}),
    /** Set through the traffic switch while it is called. */
    traffic: trafficByCapabilitySchema.default({}),
    /** The operations and methods that it serves; default: all. */
    only: z.array(z.string().min(1)).min(1).optional(),
  })
  .refine(({ http, grpc }) => http !== undefined || grpc !== undefined, 'needs `http`, `grpc` or both');

/** Do clients of the previous contract still work, and what changed since it? */
export const contractDrillSchema = z
  .strictObject({
    kind: z.literal('contract'),
    ...common,
    openapi: openapiSchema.optional(),
    proto: protoSchema.optional(),
    targets: z.array(targetSchema).min(1).max(20),
  })
  .refine(({ openapi, proto }) => openapi !== undefined || proto !== undefined, 'needs `openapi`, `proto` or both');
