/** What the judge needs to know of traces and logs; plain data. Times are milliseconds since the load's start. */
export interface TracesObservation {
  readonly received: ReceivedSpans;
  /** Every sampled request, whatever came of it, by its start; in the run folder's traces.ndjson. */
  readonly requests: readonly RequestTrace[];
  /** Sampled requests that were too many to keep. */
  readonly dropped: number;
  /** False: spans still came when the wait for late ones ended. */
  readonly settled: boolean;
  /** A few traces, whole. */
  readonly drawn: readonly DrawnTrace[];
  /** Traces that services began themselves, although every request of the load came with one: by service and name, the most frequent. */
  readonly strays: readonly Stray[];
  readonly malformed: readonly ContextProbe[];
  /** Spans that were passed on; where the plan asks for it. */
  readonly forwarded?: { readonly sent: number; readonly failed: number; readonly dropped: number };
}

export interface ReceivedSpans {
  readonly spans: number;
  /** Sent more than once. */
  readonly duplicates: number;
  /** Without a valid trace or span id. */
  readonly invalid: number;
  /** More than are kept. */
  readonly dropped: number;
  /** Bodies that were no OTLP. */
  readonly unreadable: number;
  readonly byService: Readonly<Record<string, number>>;
}

/** A request whose traceparent was sampled, and what became of its trace. */
export interface RequestTrace {
  readonly traceId: string;
  /** "harness": one of the requests that fail on purpose. */
  readonly source: 'load' | 'harness';
  readonly operation: string;
  readonly protocol: 'http' | 'grpc';
  readonly outcome: 'ok' | 'rejected' | 'failed';
  /** "200", "UNAVAILABLE"; of one without an answer, why. */
  readonly status: string;
  /** Whether it was surely a service that answered: a client's own time-out looks like a service's. */
  readonly answered: boolean;
  readonly startMs: number;
  readonly endMs: number;
  readonly spans: number;
  readonly services: readonly string[];
  /** Spans whose parent was never seen: "engine quote". */
  readonly orphans: readonly string[];
  /** Spans that have none, and so don't hang on the client's. */
  readonly roots: readonly string[];
  /** A call was made again after it had failed. */
  readonly retried: boolean;
  /** Services whose own part, a server span, failed. */
  readonly failedIn: readonly string[];
  /** By service: declared fields that its line lacks; no entry: no line. For those that failed. */
  readonly logged?: Readonly<Record<string, readonly string[]>>;
}

export interface DrawnTrace {
  readonly why: 'slow' | 'failed' | 'retried' | 'broken';
  readonly traceId: string;
  readonly title: string;
  readonly spans: readonly DrawnSpan[];
  /** Spans that were left out. */
  readonly more: number;
}

export interface DrawnSpan {
  readonly service: string;
  readonly name: string;
  readonly depth: number;
  /** Since the first span's start. */
  readonly startMs: number;
  readonly endMs: number;
  readonly status: string;
  readonly note?: string;
}

export interface Stray {
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  readonly traces: number;
}

/** A request that the harness sent with a traceparent of a certain form. */
export interface ContextProbe {
  /** Which of the plan's. */
  readonly request: number;
  /** "valid" and "none" for comparison, or what is wrong with it. */
  readonly form: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly status: string;
  readonly ok: boolean;
  /** Spans that took over an id of it: "monolith quote". */
  readonly taken: readonly string[];
  /** Whether a trace began for it: below the client's span where it was valid, else a new one. */
  readonly traced: boolean;
}
