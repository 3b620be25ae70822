import protobuf from 'protobufjs';
import type { Span } from '../../../lib/observe/traces/span.ts';

/** What exporters write, described here once more and in the way of protocol buffers' own language: the product has its own. */
const PROTO = `
syntax = "proto3";
package test;
message Request { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message Scope { string name = 1; }
message Span {
  bytes trace_id = 1;
  bytes span_id = 2;
  string trace_state = 3;
  bytes parent_span_id = 4;
  string name = 5;
  int32 kind = 6;
  fixed64 start_time_unix_nano = 7;
  fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9;
  repeated Event events = 11;
  Status status = 15;
  fixed32 flags = 16;
}
message Event { fixed64 time_unix_nano = 1; string name = 2; }
message Status { string message = 2; int32 code = 3; }
message KeyValue { string key = 1; Value value = 2; }
message Value { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
`;

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const request = protobuf.parse(PROTO).root.lookupType('test.Request');

export type TestSpan = Partial<Span> & { readonly traceId: string; readonly spanId: string };

/** An ExportTraceServiceRequest, each span of its own service, as bytes. */
export function encodeSpans(spans: readonly TestSpan[]): Buffer {
  const message = request.fromObject({
    resourceSpans: spans.map((span) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: span.service ?? 'shop' } }] },
      scopeSpans: [
        {
          scope: { name: 'test' },
          spans: [
            {
              traceId: Buffer.from(span.traceId, 'hex'),
              spanId: Buffer.from(span.spanId, 'hex'),
              parentSpanId: Buffer.from(span.parentId ?? '', 'hex'),
              name: span.name ?? 'work',
              kind: KINDS.indexOf(span.kind ?? 'internal'),
              startTimeUnixNano: nanoseconds(span.startMs ?? 0),
              endTimeUnixNano: nanoseconds(span.endMs ?? 0),
              attributes: [
                { key: 'tries', value: { intValue: 3 } },
                { key: 'rpc.system', value: { stringValue: 'grpc' } },
              ],
              events: (span.events ?? []).map((name) => ({ name, timeUnixNano: nanoseconds(1) })),
              status: span.failure === undefined ? {} : { code: 2, message: span.failure },
              flags: 0x101,
            },
          ],
        },
      ],
    })),
  });
  return Buffer.from(request.encode(message).finish());
}

/** The same in OTLP/JSON. */
export function jsonSpans(spans: readonly TestSpan[]): string {
  return JSON.stringify({
    resourceSpans: spans.map((span) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: span.service ?? 'shop' } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: span.traceId.toUpperCase(),
              spanId: span.spanId,
              parentSpanId: span.parentId,
              name: span.name ?? 'work',
              kind: KINDS.indexOf(span.kind ?? 'internal'),
              startTimeUnixNano: nanoseconds(span.startMs ?? 0),
              endTimeUnixNano: nanoseconds(span.endMs ?? 0),
              attributes: [{ key: 'tries', value: { intValue: '3' } }],
              events: (span.events ?? []).map((name) => ({ name })),
              ...(span.failure === undefined ? {} : { status: { code: 2, message: span.failure } }),
              droppedLinksCount: 0,
            },
          ],
        },
      ],
    })),
  });
}

function nanoseconds(ms: number): string {
  return (BigInt(Math.round(ms)) * 1_000_000n).toString();
}

/** 1 → "…0001" */
export const traceId = (number: number): string => number.toString(16).padStart(32, '0');
export const spanId = (number: number): string => number.toString(16).padStart(16, '0');
