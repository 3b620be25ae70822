import http, { type RefinedResponse, type ResponseType } from 'k6/http';
import { type ExpectedStatuses, expectStatuses } from './expected-statuses.ts';
import { takeLagMs } from './iteration.ts';
import { type Outcome, recordResponse } from './outcomes.ts';
import { newTraceparent, tellTrace } from './trace-context.ts';

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
  readonly expected?: ExpectedStatuses;
}

export interface HttpReply {
  readonly outcome: Outcome;
  readonly response: RefinedResponse<ResponseType>;
}

const TOO_MANY_REQUESTS = 429;
const SUCCESS = expectStatuses({ min: 200, max: 399 });
/** Differences of k6's clock, which has whole milliseconds. */
const CLOCK_MS = 1;

/**
 * Sends one HTTP request as an operation: named, traced, and measured from when its iteration was due. Its good events
 * are counted one by one, so that a latency budget on it is judged exactly.
 */
export function httpOperation(name: string, request: HttpRequest): HttpReply {
  const { method = 'GET', url, body = null, headers, timeout, tags, responseType, expected = SUCCESS } = request;
  const lagMs = takeLagMs();
  const traceparent = headers?.['traceparent'] ?? newTraceparent();
  const startMs = Date.now();
  const response = http.request(method, url, body, {
    headers: { traceparent, ...headers },
    tags: { ...tags, name, measured: 'response' },
    responseCallback: expected.callback,
    ...(timeout === undefined ? {} : { timeout }),
    ...(responseType === undefined ? {} : { responseType }),
  });
  // Each is read once: k6 makes a new object of it every time.
  const { status, timings } = response;
  const outcome = outcomeOf(status, expected);
  // `blocked` is the wait for a connection with its making, `duration` what comes after.
  const timedMs = timings.blocked + timings.duration;
  const endMs = Date.now();
  // Without an answer there may be neither; after a redirect they are those of the last request only.
  const isWhole = status !== 0 && response.url === url;
  recordResponse({
    name,
    protocol: 'http',
    outcome,
    ms: lagMs + (isWhole ? timedMs : Math.max(timedMs, endMs - startMs)),
    clockMs: isWhole ? 0 : CLOCK_MS,
  });
  tellTrace({ traceparent, name, protocol: 'http', outcome, status, startMs, endMs });
  return { outcome, response };
}

function outcomeOf(status: number, expected: ExpectedStatuses): Outcome {
  if (expected.includes(status)) return 'ok';
  return status === TOO_MANY_REQUESTS ? 'rejected' : 'failed';
}
