import { type FileHandle, open } from 'node:fs/promises';
import type { TapAttempt } from './attempt.ts';

const FLUSH_MS = 200;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What is known of a request when it arrives. */
export type Arrival = Pick<TapAttempt, 'operation' | 'traceId' | 'key' | 'timeoutMs'>;

/** A request in flight. */
export interface OpenAttempt {
  readonly edge: string;
  readonly startMs: number;
  readonly arrival: Mutable<Arrival>;
  rule: string | undefined;
  /** As far as the caller has it. */
  status: number | undefined;
  ended: boolean;
}

export interface Recorder {
  begin(edge: string, arrival: Arrival): OpenAttempt;
  /** Only the first end counts. */
  end(attempt: OpenAttempt, outcome: TapAttempt['outcome'], endMs?: number): void;
  inFlight(edge: string): number;
  /** Everything that ended before is in the file when this returns. */
  flush(): Promise<void>;
  /** Writes what is still in flight, without an end, and closes the file. */
  close(): Promise<void>;
}

/** Unix milliseconds with fractions, on a clock that no step of the wall clock tears. */
export function nowMs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000) / 1_000;
}

/** Appends attempts to a file, one JSON line each when they end, at the latest after 200 ms. */
export async function openRecorder(path: string): Promise<Recorder> {
  const file: FileHandle = await open(path, 'a');
  const inFlight = new Map<string, Set<OpenAttempt>>();
  let lines: string[] = [];
  let writing: Promise<void> = Promise.resolve();

  const write = (): Promise<void> => {
    if (lines.length > 0) {
      const text = lines.join('');
      lines = [];
      writing = writing.then(() => file.appendFile(text));
    }
    return writing;
  };
  const timer = setInterval(() => void write(), FLUSH_MS);
  const record = (attempt: OpenAttempt, outcome: TapAttempt['outcome'], endMs?: number): void => {
    attempt.ended = true;
    const { edge, startMs, arrival, rule, status } = attempt;
    // What is undefined is not written.
    lines.push(`${JSON.stringify({ edge, startMs, endMs, ...arrival, rule, outcome, status })}\n`);
  };

  return {
    begin(edge, arrival) {
      const attempt = {
        edge,
        startMs: nowMs(),
        arrival: { ...arrival },
        rule: undefined,
        status: undefined,
        ended: false,
      };
      let ofEdge = inFlight.get(edge);
      if (ofEdge === undefined) inFlight.set(edge, (ofEdge = new Set()));
      ofEdge.add(attempt);
      return attempt;
    },
    end(attempt, outcome, endMs = nowMs()) {
      if (attempt.ended) return;
      inFlight.get(attempt.edge)?.delete(attempt);
      record(attempt, outcome, endMs);
    },
    inFlight: (edge) => inFlight.get(edge)?.size ?? 0,
    flush: write,
    async close() {
      clearInterval(timer);
      for (const attempt of [...inFlight.values()].flatMap((ofEdge) => [...ofEdge])) record(attempt, 'cut');
      inFlight.clear();
      await write();
      await file.close();
    },
  };
}
