import { z } from 'zod';
import { BadExport, type Exported } from './export.ts';

/**
 * OTLP/JSON (OTLP specification, "JSON Protobuf Encoding"): the same messages as in protobuf, field names in lowerCamelCase,
 * ids in hexadecimal of either case, 64-bit numbers as text or number, enums as numbers, unknown fields ignored.
 */
const longSchema = z.union([z.string(), z.number()]);
const attributesSchema = z
  .array(
    z.object({
      key: z.string().default(''),
      value: z
        .object({
          stringValue: z.string().optional(),
          boolValue: z.boolean().optional(),
          intValue: longSchema.optional(),
          doubleValue: z.union([z.number(), z.string()]).optional(),
        })
        .default({}),
    }),
  )
  .default([]);
const spanSchema = z.object({
  traceId: z.string().default(''),
  spanId: z.string().default(''),
  parentSpanId: z.string().default(''),
  name: z.string().default(''),
  kind: z.number().default(0),
  startTimeUnixNano: longSchema.default(0),
  endTimeUnixNano: longSchema.default(0),
  attributes: attributesSchema,
  events: z.array(z.object({ name: z.string().default('') })).default([]),
  status: z.object({ code: z.number().default(0), message: z.string().default('') }).prefault({}),
});
const requestSchema = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource: z.object({ attributes: attributesSchema }).prefault({}),
        scopeSpans: z.array(z.object({ spans: z.array(spanSchema).default([]) })).default([]),
      }),
    )
    .default([]),
});

/** Throws BadExport. */
export function decodeOtlpJson(body: Uint8Array): Exported {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (cause) {
    throw new BadExport((cause as Error).message, { cause });
  }
  const read = requestSchema.safeParse(value);
  if (!read.success) throw new BadExport(z.prettifyError(read.error));
  return read.data.resourceSpans.map(({ resource, scopeSpans }) => ({
    resource: attributesOf(resource.attributes),
    spans: scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: span.traceId.toLowerCase(),
        spanId: span.spanId.toLowerCase(),
        parentId: span.parentSpanId.toLowerCase(),
        name: span.name,
        kind: span.kind,
        startMs: Number(span.startTimeUnixNano) / 1e6,
        endMs: Number(span.endTimeUnixNano) / 1e6,
        status: span.status,
        attributes: attributesOf(span.attributes),
        events: span.events.map(({ name }) => name),
      })),
    ),
  }));
}

function attributesOf(attributes: z.output<typeof attributesSchema>): ReadonlyMap<string, string | number | boolean> {
  return new Map(
    attributes.flatMap(({ key, value: { stringValue, boolValue, intValue, doubleValue } }) => {
      const number = intValue ?? doubleValue;
      const read = stringValue ?? boolValue ?? (number === undefined ? undefined : Number(number));
      return read === undefined ? [] : [[key, read] as const];
    }),
  );
}
