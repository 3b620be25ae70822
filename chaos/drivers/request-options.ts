import type { RequestSession } from './request-session.ts';
import type { Json } from '../../lib/plan/schema/requests.ts';

/** What came of one request that a drill sent. */
export interface Answer {
  /** "HTTP 201", "OK", "UNAVAILABLE"; without an answer, why: "canceled", "ECONNRESET". */
  readonly status: string;
  readonly ok: boolean;
  /** The answer's messages (gRPC), its JSON (HTTP), or each of its JSON lines. */
  readonly items: readonly unknown[];
  /** Those of the headers (of the metadata) that were asked for, and over gRPC all trailers; where headers were asked for. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly trailers?: Readonly<Record<string, string>>;
}

export interface SendOptions {
  /** Replaces placeholders in every text of the request. */
  readonly resolve: (text: string) => string;
  /** Folder that .proto files are looked for in. */
  readonly root: string;
  /** Cancels the request, as a client that goes away does. */
  readonly signal: AbortSignal;
  /** Does the same so long after the request was sent; connecting, and reading contracts, is not counted. */
  readonly cancelAfterMs?: number;
  /** W3C trace id, 32 hexadecimal digits. */
  readonly traceId: string;
  /** Instead of a valid one with that id; null: none. */
  readonly traceparent?: string | null;
  /** Names of the headers (of the metadata) that the answer is to hold, in lower case. */
  readonly headers?: readonly string[];
  /** Connections to use, and to leave open. */
  readonly session?: RequestSession;
}

/** "00-<trace>-<span>-01" */
export function traceparent(traceId: string): string {
  return `00-${traceId}-${traceId.slice(0, 15)}1-01`;
}

/** What a request carries; undefined: nothing. */
export function contextOf({ traceId, traceparent: other }: SendOptions): string | undefined {
  return other === undefined ? traceparent(traceId) : (other ?? undefined);
}

/** A JSON value with every text in it resolved. */
export function resolveJson(value: Json, resolve: (text: string) => string): Json {
  if (typeof value === 'string') return resolve(value);
  if (Array.isArray(value)) return value.map((element: Json) => resolveJson(element, resolve));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, resolveJson(element, resolve)]));
  }
  return value;
}
