const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;

/** The trace id of a valid `traceparent` (W3C Trace Context, 3.2). */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  const match = traceparent === undefined ? null : TRACEPARENT.exec(traceparent);
  if (match === null) return undefined;
  const [, version, traceId = '', parentId = '', more] = match;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  return /^0+$/.test(traceId) || /^0+$/.test(parentId) ? undefined : traceId;
}

const GRPC_UNITS_NS: Readonly<Record<string, number>> = { H: 3.6e12, M: 6e10, S: 1e9, m: 1e6, u: 1e3, n: 1 };

/** "250m" → 250: a `grpc-timeout` (gRPC over HTTP2, "Timeout") in milliseconds. */
export function grpcTimeoutMs(text: string | undefined): number | undefined {
  const match = text === undefined ? null : /^(\d{1,8})([HMSmun])$/.exec(text);
  return match === null ? undefined : (Number(match[1]) * (GRPC_UNITS_NS[match[2] ?? ''] ?? Number.NaN)) / 1e6;
}

/** A header of plain milliseconds. */
export function plainTimeoutMs(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** "/v1/quotes?x=1" and "http://host/v1/quotes" → "/v1/quotes". */
export function pathOf(target: string): string {
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(target)?.[0].length ?? 0;
  const query = target.slice(absolute).search(/[?#]/);
  return (query === -1 ? target.slice(absolute) : target.slice(absolute, absolute + query)) || '/';
}
