import { z } from 'zod';

/** A JSON value; texts in it may hold placeholders. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
const jsonSchema: z.ZodType<Json> = z.json();

/**
 * A request that a drill sends itself. `{{key}}` stands for its idempotency key, `{{account}}` for a name that is new in each
 * drill.
 */
export const drillRequestSchema = z.union(
  [
    z.strictObject({
      http: z.strictObject({
        method: z.enum(['GET', 'PUT', 'POST', 'PATCH', 'DELETE']).default('GET'),
        url: z.string().min(1),
        headers: z.record(z.string(), z.string()).default({}),
        body: jsonSchema.optional(),
      }),
    }),
    z.strictObject({
      grpc: z.strictObject({
        address: z.string().min(1),
        /** Folder of the .proto files, relative to the config, and the files in it. */
        protoPath: z.string().min(1),
        protoFiles: z.array(z.string().min(1)).min(1),
        /** "package.Service/Method", unary or a server stream. */
        method: z.string().regex(/^[\w.]+\/\w+$/, 'must be like "package.Service/Method"'),
        message: z.record(z.string(), jsonSchema).default({}),
        metadata: z.record(z.string(), z.string()).default({}),
      }),
    }),
  ],
  { error: 'must be { http: { url, … } } or { grpc: { address, method, … } }' },
);

export type DrillRequestSpec = z.output<typeof drillRequestSchema>;
