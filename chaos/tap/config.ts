import { z } from 'zod';
import { validate } from '../../lib/plan/validate.ts';
import { parseAddress } from './address.ts';
import { TapError, type TapProblem } from './tap-error.ts';
import type { TapEdgeOptions } from './tap.ts';

/** Environment variables of the tap's process. */
export const TAP_ENV = { config: 'CUTOVER_TAP_CONFIG', token: 'CUTOVER_TAP_TOKEN' } as const;

/** What the harness hands to the tap's process. */
export interface TapConfig {
  readonly edges: readonly TapEdgeOptions[];
  readonly attemptsFile: string;
}

/** The line of its output with which the tap says that it is there. */
export interface TapReady {
  readonly pid: number;
  /** "http://127.0.0.1:NNNN" */
  readonly control: string;
  /** "host:port" by edge. */
  readonly listen: Readonly<Record<string, string>>;
}

const addressSchema = z
  .string()
  .refine((text) => parseAddress(text) !== undefined, 'must be an address such as "127.0.0.1:8080"');

const edgeSchema = z
  .strictObject({
    name: z.string().min(1),
    protocol: z.enum(['http', 'grpc']),
    listen: addressSchema,
    upstream: addressSchema.refine((text) => parseAddress(text)?.port !== 0, 'must have a port'),
    timeoutHeader: z.string().min(1).optional(),
    idempotencyKey: z
      .union([
        z.strictObject({ header: z.string().min(1) }),
        z.strictObject({ field: z.number().int().min(1), operations: z.array(z.string().min(1)).min(1) }),
      ])
      .optional(),
  })
  .refine(
    ({ protocol, idempotencyKey: key }) => protocol === 'grpc' || key === undefined || !('field' in key),
    'must not have a key in a `field`: only gRPC messages have fields',
  );

const edgesSchema = z.strictObject({
  edges: z
    .array(edgeSchema)
    .min(1)
    .refine(
      (edges) => new Set(edges.map(({ name }) => name)).size === edges.length,
      'must have a name of its own each',
    ),
});

/** TapError('invalid') with every problem. */
export function checkEdges(edges: readonly TapEdgeOptions[]): void {
  const checked = validate('tap', edgesSchema, { edges });
  if (!checked.ok) throw invalid('the tap cannot be started as asked', checked.problems);
}

export function invalid(what: string, problems: readonly TapProblem[]): TapError {
  const texts = problems.map(({ path, value, message, hint }) => {
    const found = value === undefined ? '' : ` (is ${JSON.stringify(value)})`;
    return `${path}${path === '' ? '' : ': '}${message}${found}${hint === undefined ? '' : `; ${hint}`}`;
  });
  return new TapError('invalid', `${what}: ${texts.join('\n')}`, { problems });
}
