export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** What is kept of a span. Times are Unix milliseconds, by its service's clock. */
export interface Span {
  /** Lower-case hexadecimal digits: 32, and 16. */
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined: a root. */
  readonly parentId: string | undefined;
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startMs: number;
  readonly endMs: number;
  /** What went wrong; undefined: nothing. */
  readonly failure: string | undefined;
  /** Names of its events, the first few. */
  readonly events: readonly string[];
}

/** A span as OTLP has it, whichever encoding it came in. */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly name: string;
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly status: { readonly code: number; readonly message: string };
  readonly attributes: ReadonlyMap<string, string | number | boolean>;
  readonly events: readonly string[];
}

/** opentelemetry-proto: Span.SpanKind; 0 is unspecified. */
const KINDS: readonly SpanKind[] = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'];
const ERROR = 2;
const MAX_EVENTS = 3;

/** Undefined where an id is not valid (all zeros are not). */
export function toSpan(service: string, span: OtlpSpan): Span | undefined {
  const { traceId, spanId, parentId } = span;
  if (!isId(traceId, 32) || !isId(spanId, 16)) return undefined;
  return {
    traceId,
    spanId,
    parentId: isId(parentId, 16) ? parentId : undefined,
    service,
    name: span.name,
    kind: KINDS[span.kind] ?? 'internal',
    startMs: span.startMs,
    endMs: Math.max(span.startMs, span.endMs),
    failure: failureOf(span),
    events: span.events.slice(0, MAX_EVENTS),
  };
}

function isId(id: string, digits: number): boolean {
  return id.length === digits && /^[0-9a-f]+$/.test(id) && !/^0+$/.test(id);
}

/**
 * The span's status; or what the answer was, since a server's span need not call it an error when its client was at fault
 * (OpenTelemetry semantic conventions for HTTP and RPC spans).
 */
function failureOf({ status, attributes }: OtlpSpan): string | undefined {
  if (status.code === ERROR) return status.message === '' ? 'error' : status.message;
  const http = Number(attributes.get('http.response.status_code') ?? attributes.get('http.status_code') ?? 0);
  if (http >= 400) return `HTTP ${http}`;
  const grpc = attributes.get('rpc.grpc.status_code') ?? attributes.get('rpc.response.status_code') ?? 0;
  return grpc === 'OK' || Number(grpc) === 0 ? undefined : `gRPC ${grpc}`;
}
