/** One second of a run as the live view shows it. */
export interface LiveStatus {
  /** Milliseconds since the load's start, and its planned length. */
  readonly elapsedMs: number;
  readonly totalMs: number;
  readonly phase: string;
  readonly offeredPerSecond: number;
  readonly achievedPerSecond: number;
  /** All operations together; absent without requests in this second. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Failed requests ÷ all requests, 0–1. */
  readonly errorRatio: number;
  /** Iterations that could not be started in this second. */
  readonly dropped: number;
  /** Names of the faults that are in force. */
  readonly faults: readonly string[];
  readonly cpu: readonly { readonly source: string; readonly cores: number }[];
  readonly memory: readonly { readonly source: string; readonly bytes: number }[];
}
