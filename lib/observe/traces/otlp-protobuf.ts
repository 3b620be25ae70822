import protobuf from 'protobufjs';
import { BadExport, type Exported } from './export.ts';

/** The parts of opentelemetry-proto's trace service (v1) that are read, by field number. */
const SCHEMA = {
  nested: {
    ExportTraceServiceRequest: { fields: { resourceSpans: { rule: 'repeated', type: 'ResourceSpans', id: 1 } } },
    ResourceSpans: {
      fields: {
        resource: { type: 'Resource', id: 1 },
        scopeSpans: { rule: 'repeated', type: 'ScopeSpans', id: 2 },
      },
    },
    Resource: { fields: { attributes: { rule: 'repeated', type: 'KeyValue', id: 1 } } },
    ScopeSpans: { fields: { spans: { rule: 'repeated', type: 'Span', id: 2 } } },
    Span: {
      fields: {
        traceId: { type: 'bytes', id: 1 },
        spanId: { type: 'bytes', id: 2 },
        parentSpanId: { type: 'bytes', id: 4 },
        name: { type: 'string', id: 5 },
        kind: { type: 'int32', id: 6 },
        startTimeUnixNano: { type: 'fixed64', id: 7 },
        endTimeUnixNano: { type: 'fixed64', id: 8 },
        attributes: { rule: 'repeated', type: 'KeyValue', id: 9 },
        events: { rule: 'repeated', type: 'Event', id: 11 },
        status: { type: 'Status', id: 15 },
      },
    },
    Event: { fields: { name: { type: 'string', id: 2 } } },
    Status: { fields: { message: { type: 'string', id: 2 }, code: { type: 'int32', id: 3 } } },
    KeyValue: { fields: { key: { type: 'string', id: 1 }, value: { type: 'AnyValue', id: 2 } } },
    AnyValue: {
      oneofs: { value: { oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue'] } },
      fields: {
        stringValue: { type: 'string', id: 1 },
        boolValue: { type: 'bool', id: 2 },
        intValue: { type: 'int64', id: 3 },
        doubleValue: { type: 'double', id: 4 },
      },
    },
  },
};

interface WireKeyValue {
  readonly key: string;
  readonly value?: {
    readonly value?: 'stringValue' | 'boolValue' | 'intValue' | 'doubleValue';
    readonly stringValue?: string;
    readonly boolValue?: boolean;
    readonly intValue?: number;
    readonly doubleValue?: number;
  };
}

interface WireSpan {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId: Buffer;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: number;
  readonly endTimeUnixNano: number;
  readonly attributes: readonly WireKeyValue[];
  readonly events: readonly { readonly name: string }[];
  readonly status?: { readonly code: number; readonly message: string };
}

interface WireRequest {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes: readonly WireKeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

/** Nanoseconds since 1970 lose their last three digits or so as numbers: 256 ns. */
const OBJECTS = { longs: Number, arrays: true, defaults: true, oneofs: true };

/** Makes a decoder of ExportTraceServiceRequest; it throws BadExport. */
export function otlpProtobufDecoder(): (body: Uint8Array) => Exported {
  const type = protobuf.Root.fromJSON(SCHEMA).lookupType('ExportTraceServiceRequest');
  return (body) => {
    let request: WireRequest;
    try {
      request = type.toObject(type.decode(body), OBJECTS) as unknown as WireRequest;
    } catch (cause) {
      throw new BadExport((cause as Error).message, { cause });
    }
    return request.resourceSpans.map(({ resource, scopeSpans }) => ({
      resource: attributesOf(resource?.attributes ?? []),
      spans: scopeSpans.flatMap(({ spans }) => spans.map(toOtlpSpan)),
    }));
  };
}

function toOtlpSpan(wire: WireSpan): Exported[number]['spans'][number] {
  return {
    traceId: hex(wire.traceId),
    spanId: hex(wire.spanId),
    parentId: hex(wire.parentSpanId),
    name: wire.name,
    kind: wire.kind,
    startMs: wire.startTimeUnixNano / 1e6,
    endMs: wire.endTimeUnixNano / 1e6,
    status: { code: wire.status?.code ?? 0, message: wire.status?.message ?? '' },
    attributes: attributesOf(wire.attributes),
    events: wire.events.map(({ name }) => name),
  };
}

/** A field that is not there is an empty array, not bytes. */
function hex(bytes: Uint8Array | readonly number[]): string {
  return Buffer.from(bytes as Uint8Array).toString('hex');
}

function attributesOf(attributes: readonly WireKeyValue[]): ReadonlyMap<string, string | number | boolean> {
  return new Map(
    attributes.flatMap(({ key, value }) => {
      const of = value?.value;
      const read = of === undefined ? undefined : value?.[of];
      return read === undefined ? [] : [[key, read] as const];
    }),
  );
}
