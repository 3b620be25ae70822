import { z } from 'zod';

const range = { from: z.number().int(), to: z.number().int() };

/** How values are made that differ from request to request; each follows from the seed. */
export const valueSchema = z.union(
  [
    /** "sku-{}" with a number in place of {}. */
    z.strictObject({ text: z.string().includes('{}', 'must hold {}, where the number comes'), ...range }),
    z.strictObject(range),
    /** One of these. */
    z.strictObject({ of: z.array(z.json()).min(1) }),
  ],
  { error: 'must be { from, to }, { text, from, to } or { of: [...] }' },
);

/**
 * By name: `{{name}}` in a request's texts stands for its value. A text of a body or a message that is nothing but the
 * placeholder becomes the value itself, so that a number stays one.
 */
export const valuesSchema = z.record(z.string().regex(/^\w+$/, 'must be letters, digits and _'), valueSchema);

export type ValueSpec = z.output<typeof valueSchema>;
