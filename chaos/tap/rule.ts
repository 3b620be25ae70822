/** One disturbance of single requests on an edge. Of several on one edge, the first matching in the order they were set acts. */
export interface TapRule {
  /** Names a fault; unique per edge. */
  readonly id: string;
  readonly edge: string;
  /** Operations it acts on; a trailing * matches any end. None: all. */
  readonly operations?: readonly string[];
  /** Acts on the first N matching requests since it was set, ... */
  readonly first?: number;
  /** ... on the first `count` of each `of` matching requests in the order of arrival, ... */
  readonly pattern?: { readonly count: number; readonly of: number };
  /** ... or on a seeded share (0–1) of them. At most one of the three; none: on all. */
  readonly share?: number;
  /** uint32 */
  readonly seed: number;
  readonly action: TapAction;
  /** Removed by the tap itself after this long: a lease. */
  readonly forMs: number;
}

export type TapAction =
  /** HTTP edge: the status; gRPC edge: the code (a trailers-only answer). The callee is not reached. */
  | { readonly type: 'fail'; readonly status: number }
  /** Before it is passed on; the jitter is seeded, uniform ±. */
  | { readonly type: 'delay'; readonly delayMs: number; readonly jitterMs: number }
  /** Never reaches the callee, never answered; ends when the caller goes away, or when the rule is removed: then it is reset. */
  | { readonly type: 'hang' }
  /**
   * Passed on; the callee's whole answer is awaited and thrown away, then the caller's connection is cut (HTTP/2: the
   * whole session, as a lost network would).
   */
  | { readonly type: 'cut' };
