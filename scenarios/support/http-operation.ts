import http, { type RefinedResponse, type ResponseType } from 'k6/http';
import { takeLagMs } from './iteration.ts';
import { type Outcome, recordResponse } from './outcomes.ts';
import { newTraceparent } from './trace-context.ts';

export interface HttpRequest {
  /** Default: GET. */
  readonly method?: string;
  readonly url: string;
  readonly body?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** k6 duration; default "60s". */
  readonly timeout?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly responseType?: ResponseType;
  /** Which answers are a success; default: status 200–399, as k6 has it. */
  readonly isExpected?: (status: number) => boolean;
}

export interface HttpReply {
  readonly outcome: Outcome;
  readonly response: RefinedResponse<ResponseType>;
}

const TOO_MANY_REQUESTS = 429;

/**
 * Sends one HTTP request as an operation: named, traced, and measured from when its iteration was due. Its good events
 * are counted one by one, so that a latency budget on it is judged exactly.
 */
export function httpOperation(name: string, request: HttpRequest): HttpReply {
  const { method = 'GET', url, body = null, headers, timeout, tags, responseType, isExpected = isSuccess } = request;
  const lagMs = takeLagMs();
  const startMs = Date.now();
  const response = http.request(method, url, body, {
    headers: { traceparent: newTraceparent(), ...headers },
    tags: { ...tags, name, measured: 'response' },
    ...(timeout === undefined ? {} : { timeout }),
    ...(responseType === undefined ? {} : { responseType }),
  });
  const outcome = outcomeOf(response.status, isExpected);
  // `blocked` is the wait for a connection with its making, `duration` what comes after. Without an answer there may be neither.
  const { blocked, duration } = response.timings;
  const ms = response.status === 0 ? Math.max(Date.now() - startMs, blocked + duration) : blocked + duration;
  recordResponse({ name, protocol: 'http', outcome, ms: lagMs + ms, clockMs: 0 });
  return { outcome, response };
}

function outcomeOf(status: number, isExpected: (status: number) => boolean): Outcome {
  if (isExpected(status)) return 'ok';
  return status === TOO_MANY_REQUESTS ? 'rejected' : 'failed';
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 400;
}
