/** One request that arrived at a tap, whatever became of it. Times are Unix milliseconds with fractions. */
export interface TapAttempt {
  readonly edge: string;
  readonly startMs: number;
  /** When the caller had its answer, or was gone; absent: still in flight when the tap ended. */
  readonly endMs?: number;
  /** "POST /v1/quotes" (path without query), or the gRPC path "/cutover.v1.Pricing/Quote". */
  readonly operation: string;
  /** From a valid `traceparent`. */
  readonly traceId?: string;
  /** The idempotency key. */
  readonly key?: string;
  /** How long the caller said it would wait: `grpc-timeout`, or the configured header; milliseconds. */
  readonly timeoutMs?: number;
  /** Id of the rule that acted on it. */
  readonly rule?: string;
  /**
   * answered: the callee's answer was passed on whole · failed: the tap answered instead · cut: the tap cut it off ·
   * canceled: the caller went away first · broken: the callee's side broke off
   */
  readonly outcome: 'answered' | 'failed' | 'cut' | 'canceled' | 'broken';
  /** HTTP status, or gRPC code (number), as the caller got it. */
  readonly status?: number;
}
