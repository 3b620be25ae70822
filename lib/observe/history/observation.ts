/** What became of the writes, as far as the judge needs it; plain data, milliseconds since the load's start. */
export interface HistoryObservation {
  readonly settled: readonly SettleObservation[];
  readonly finals: readonly FinalObservation[];
  /** What came of comparing writes.ndjson with the final states; absent where it could not be done. */
  readonly findings?: HistoryFindings;
  /** Why not. */
  readonly problem?: string;
}

export interface SettleObservation {
  /** "GET http://…/reconciliation at /outbox". */
  readonly title: string;
  readonly settled: boolean;
  readonly tookMs: number;
  /** What was read last, as JSON; or why nothing was. */
  readonly value: string;
}

/** How one read of the final state went. */
export interface FinalObservation {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly rows: number;
  /** That were there before the load; undefined: nobody looked. */
  readonly initialRows?: number;
  /** Why it could not be read to its end. */
  readonly problem?: string;
}

/** One row of the final state, with what the plan's fields name. */
export interface FinalRow {
  readonly id: string;
  readonly account?: string;
  readonly value?: string;
  readonly order?: number;
  readonly source?: string;
}

export type HistoryCheck = 'lost' | 'unexpected' | 'duplicated' | 'corrupt' | 'reordered' | 'stale';
export type WriteState = 'acknowledged' | 'refused' | 'indeterminate';

/** One write, row or read that broke a rule. */
export interface Violation {
  readonly check: HistoryCheck;
  /** The final state in which it did; absent for reads during the load. */
  readonly final?: string;
  readonly id: string;
  readonly kind?: string;
  readonly key?: string;
  readonly account?: string;
  readonly state?: WriteState;
  readonly attemptedMs?: number;
  readonly acknowledgedMs?: number;
  readonly vu?: number;
  readonly operation?: string;
  /** What was found instead, for people. */
  readonly found: string;
}

export interface Violations {
  readonly count: number;
  /** The first of them; all are in violations.ndjson. */
  readonly first: readonly Violation[];
}

export interface WriteCounts {
  readonly attempted: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly indeterminate: number;
}

export interface FinalFindings {
  readonly name: string;
  /** Of the kinds that belong here. */
  readonly writes: WriteCounts;
  readonly rows: number;
  /** Rows that are writes of the run. */
  readonly matched: number;
  /** Rows that were there before, and rows of others. */
  readonly before: number;
  readonly foreign: number;
  /** Rows that may be writes whose record the load generator took along when it died. */
  readonly unrecorded: number;
  /** Acknowledged writes by whose record no row can be found: they have no id. */
  readonly unidentified: number;
  /** Rows whose value or account could be compared. */
  readonly compared: number;
  /** Rows that have to stand after another one of their account. */
  readonly ordered: number;
  /** Ids of rows that are no writes of the run, for a hint when none is. */
  readonly strangers: readonly string[];
  readonly violations: Readonly<Partial<Record<HistoryCheck, Violations>>>;
}

export interface HistoryFindings {
  readonly writes: WriteCounts;
  /** Lines of writes.ndjson that could not be read. */
  readonly damaged: number;
  readonly finals: readonly FinalFindings[];
  readonly reads: { readonly count: number; readonly violations: Violations };
}
