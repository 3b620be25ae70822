/** What a service answered when it was asked whether it is ready. */
interface Answer {
  readonly ready: boolean;
  /** For people: "HTTP 503", "ECONNREFUSED". */
  readonly text: string;
}

/** One way to ask; rejects never, an error is an answer too. `signal` ends the attempt. */
export interface ReadinessProbe {
  /** What is asked, for messages: "GET http://127.0.0.1:8080/readyz". */
  readonly title: string;
  ask(signal: AbortSignal): Promise<Answer>;
}

/** The innermost reason of a failed connection. */
export function describeFailure(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = inner as NodeJS.ErrnoException;
  return message !== '' && message !== undefined ? message : (code ?? String(error));
}
