import type { DrillRecords } from '../../chaos/drills/records.ts';
import type { TapAttempt } from '../../chaos/tap/attempt.ts';
import type { Phase } from '../plan/plan.ts';
import type { AlertsObservation } from './alerts/observation.ts';
import type { HistoryObservation } from './history/observation.ts';
import type { TracesObservation } from './traces/observation.ts';

/**
 * What was seen during a run: plain data on one clock (milliseconds since the load started), written to
 * `timeline.ndjson` one second a line, and all that the judge ever reads.
 */
export interface Observations {
  /** Wall-clock time of the load's start, Unix milliseconds: the zero of every other time. */
  readonly startEpochMs: number;
  /** How far the load got before it ended (planned end, or earlier when it was stopped). */
  readonly loadEndMs: number;
  readonly phases: readonly Phase[];
  readonly seconds: readonly Second[];
  readonly generator: GeneratorObservation;
  readonly faults: readonly FaultObservation[];
  /** Requests on tapped edges, by arrival; kept where the plan has drills. */
  readonly attempts: readonly Attempt[];
  readonly drills: readonly DrillObservation[];
  /** Traffic that was moved when a phase began. */
  readonly switches: readonly SwitchObservation[];
  /** Things that happened to the system: a service that died, for example. */
  readonly incidents: readonly Incident[];
  /** Where the plan asks for it. */
  readonly history?: HistoryObservation;
  readonly traces?: TracesObservation;
  readonly alerts?: AlertsObservation;
}

/** One second of the run: the window [t, t + 1) in seconds since the load's start. */
export interface Second {
  readonly t: number;
  /** The planned phase at the window's start. */
  readonly phase: string;
  /** Arrivals planned for this window (the rate's integral). */
  readonly offered: number;
  /** Iterations that ended in this window. */
  readonly iterations: number;
  /** Iterations that could not be started: no free virtual user. */
  readonly dropped: number;
  /** Iterations that ended with an exception in the script. */
  readonly exceptions: number;
  /** Sum of the ended iterations' durations, in seconds: the average number of busy virtual users. */
  readonly busyVus: number;
  /** How late iterations started after their intended time, as far as the script tells (resolution: 1 ms). */
  readonly startLag: Histogram;
  readonly operations: readonly OperationWindow[];
  readonly runtimes: readonly RuntimeWindow[];
  readonly resources: readonly ResourceWindow[];
}

/** The requests of one operation that ended in a window, by the phase in which they were started. */
export interface OperationWindow {
  readonly operation: string;
  readonly protocol: 'http' | 'grpc';
  /** The phase in which the request's iteration started; exact, from the generator. */
  readonly phase: string;
  /**
   * Response times. Where the scenario measures them with the support library: from the iteration's intended start, in
   * buckets 1.1 % wide; else k6's request durations in buckets 9 % wide.
   */
  readonly succeeded: Histogram;
  readonly failed: Histogram;
  /** How many of the failed were refused in the agreed way: HTTP 429, gRPC RESOURCE_EXHAUSTED. */
  readonly rejected: number;
  /**
   * Per latency limit of the plan's budgets: how many succeeded in under that many milliseconds, counted event by event.
   * `low` surely did, `high` may have (they differ by what the generator's clock can't tell). Absent unless every
   * request of this window was counted.
   */
  readonly within?: readonly WithinCount[];
}

export interface WithinCount {
  readonly underMs: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Durations in seconds, counted in exponential buckets (Prometheus native histogram): with base = 2^(2^-schema), bucket
 * i holds base^(i-1) < value ≤ base^i; `zeroCount` holds values ≤ `zeroThreshold`.
 */
export interface Histogram {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  /** Index and count of each bucket that is not empty, by rising index. */
  readonly buckets: readonly (readonly [index: number, count: number])[];
}

/** What a service tells about its own runtime at a window's end, as far as it does. */
export interface RuntimeWindow {
  readonly source: string;
  /** Bytes of heap in use. */
  readonly heapBytes?: number;
  /** Garbage collection pauses in this window, in seconds together. */
  readonly gcPauseSeconds?: number;
  readonly goroutines?: number;
}

/** Resource use of one source over a window. */
export interface ResourceWindow {
  /** A service's name, "k6", "toxiproxy", "cutover", or "machine" (all CPUs together, no memory). */
  readonly source: string;
  readonly role: 'service' | 'generator' | 'proxy' | 'harness' | 'machine';
  /** CPU used, in cores (1 = one core busy all the time). */
  readonly cpuCores: number;
  /** Resident memory at the window's end. */
  readonly rssBytes: number;
}

export interface GeneratorObservation {
  /** How k6 ended: its exit code, or the signal that ended it. */
  readonly exit: { readonly code: number | null; readonly signal: string | null };
  /** Times at which metrics were received, milliseconds since the load's start. */
  readonly pushesMs: readonly number[];
  readonly maxVUs: number;
  /** Number of CPUs of the generator's machine. */
  readonly cpus: number;
  /** The largest step of the wall clock against the monotonic one between two seconds, in milliseconds (signed). */
  readonly clockStepMs: number;
}

export interface SwitchObservation {
  readonly phase: string;
  /** When it was asked for, and when the switch showed it; undefined: it did not. */
  readonly askedMs: number;
  readonly appliedMs: number | undefined;
  readonly error: string | undefined;
}

export interface FaultObservation {
  readonly name: string;
  readonly kind: string;
  /** The edge or the service that it is on. */
  readonly target: string;
  /** When it was in force; undefined: never (the run ended before). */
  readonly injectedMs: number | undefined;
  readonly removedMs: number | undefined;
  /** Round trips through the edge's proxy, made by the harness. */
  readonly probes: readonly EdgeProbe[];
  /** What was seen of it while it should be in force, where round trips don't show it. */
  readonly signs: readonly SignObservation[];
  /** The edge's evidence counter, or the sum of those of all edges to the service, by scrape; undefined: there is none. */
  readonly evidence: readonly CounterSample[] | undefined;
}

export interface SignObservation {
  readonly atMs: number;
  readonly seen: boolean;
  readonly detail: string;
}

/** One request on a tapped edge; see chaos/tap/attempt.ts. Milliseconds since the load's start. */
export interface Attempt extends Omit<TapAttempt, 'startMs' | 'endMs'> {
  readonly startMs: number;
  /** Undefined: it was still in flight when the run ended. */
  readonly endMs?: number;
}

/** What a drill did by itself, and saw. */
export interface DrillObservation {
  readonly drill: string;
  readonly requests: readonly DrillRequest[];
  readonly probes: readonly ProbeChange[];
  /** What it did, and when it saw what, by time. */
  readonly marks?: readonly DrillMark[];
  /** What drills of its kind keep beside that. */
  readonly records?: Partial<DrillRecords>;
  /** What kept it from being carried out. */
  readonly problem?: string;
}

/** Something that a drill did or saw. */
export interface DrillMark {
  readonly atMs: number;
  readonly step?: string;
  /** A word that the drill's kind knows: "detected", "kill-asked", "restarted". */
  readonly event: string;
  /** For people. */
  readonly text: string;
  readonly values?: Readonly<Record<string, number | string | boolean>>;
}

/** A request that a drill sent. */
export interface DrillRequest {
  /** The edge that it needs; of a drill that is about none, the service or the like. */
  readonly edge: string;
  readonly step: string;
  readonly role: 'write' | 'repeat' | 'effects' | 'canceled' | 'request';
  readonly key?: string;
  readonly traceId?: string;
  readonly startMs: number;
  readonly endMs: number;
  /** "HTTP 503", "UNAVAILABLE"; for one that had no answer, why. */
  readonly status: string;
  readonly ok: boolean;
  /** The answer as canonical JSON, without what may differ. */
  readonly body?: string;
  /** How many effects it listed. */
  readonly effects?: number;
}

/** A probe of a service changed its answer (or gave its first). */
export interface ProbeChange {
  readonly edge: string;
  readonly probe: 'ready' | 'live';
  readonly atMs: number;
  readonly up: boolean;
  readonly detail: string;
}

export interface EdgeProbe {
  readonly atMs: number;
  readonly when: 'before' | 'during' | 'after';
  /** Time of one round trip; undefined when the edge did not answer. */
  readonly roundTripMs: number | undefined;
  readonly error: string | undefined;
}

export interface CounterSample {
  readonly atMs: number;
  readonly value: number;
}

export interface Incident {
  readonly atMs: number;
  readonly source: string;
  readonly message: string;
}
