import type { Outcome, Protocol } from './outcomes.ts';

/**
 * The line by which a scenario tells of a sampled request, on k6's console: words with a space between them, so that it is
 * read quickly and never quoted.
 *
 *   trace <traceparent> <operation> <protocol> <outcome> <status> <start> <end>
 */
export interface TraceLine {
  readonly traceparent: string;
  readonly name: string;
  readonly protocol: Protocol;
  readonly outcome: Outcome;
  /** HTTP status (0: no answer), or gRPC code. */
  readonly status: number;
  /** Unix milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
}

export function encodeTraceLine({ traceparent, name, protocol, outcome, status, startMs, endMs }: TraceLine): string {
  return `trace ${traceparent} ${encodeURIComponent(name)} ${protocol} ${outcome} ${status} ${startMs} ${endMs}`;
}

const LINE = /^trace (\S+) (\S+) (http|grpc) (ok|rejected|failed) (\d+) (\d+) (\d+)$/;

/** Undefined: it is none, or cut off. */
export function decodeTraceLine(text: string): TraceLine | undefined {
  const [, traceparent, name, protocol, outcome, ...numbers] = LINE.exec(text) ?? [];
  if (traceparent === undefined || name === undefined) return undefined;
  const [status = 0, startMs = 0, endMs = 0] = numbers.map(Number);
  return {
    traceparent,
    name: decodeURIComponent(name),
    protocol: protocol as Protocol,
    outcome: outcome as Outcome,
    status,
    startMs,
    endMs,
  };
}
