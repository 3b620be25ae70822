/**
 * The simplest load there is, for any HTTP server: one request an iteration, to one URL or to several in turn.
 *
 *   URL      where to; or URLS, several with spaces in between ("GET http://…" or "POST http://…"; GET if none is given).
 *            Phases may change either
 *   BODY     the body of requests that have one
 *   HEADERS  a JSON object
 *   TIMEOUT  how long to wait for an answer (k6 duration, 10s)
 *
 * Plain k6: k6 run -e URL=http://127.0.0.1:8080/ scenarios/http.ts
 */
import exec from 'k6/execution';
import { optional, required, setting } from './support/env.ts';
import { httpOperation } from './support/http-operation.ts';
import { arrivals, layOut } from './support/profile.ts';

export const options = {
  scenarios: { load: arrivals({ phases: layOut(['steady', 30, 10, 10]), maxVUs: 50 }) },
};

// Phases may bring their own; without any the run is not to start.
if (optional('URLS', '') === '' && optional('CUTOVER_PHASE_ENV', '') === '') required('URL');
const timeout = optional('TIMEOUT', '10s');
const body = optional('BODY', '');
const headers = JSON.parse(optional('HEADERS', '{}')) as Record<string, string>;
const parsed = new Map<string, readonly Request[]>();

export default function () {
  const text = setting('URLS', '') || setting('URL', '');
  const requests = parsed.get(text) ?? parseRequests(text);
  parsed.set(text, requests);
  const request = requests[exec.scenario.iterationInTest % requests.length];
  if (request === undefined) throw new Error('the scenario needs URL or URLS: pass it with -e URL=…');
  const { method, url, name } = request;
  httpOperation(name, { method, url, headers, timeout, body: method === 'GET' || method === 'HEAD' ? null : body });
}

interface Request {
  readonly method: string;
  readonly url: string;
  readonly name: string;
}

/** "GET http://a/x http://b/y" → requests; an operation is named by its method and path. */
function parseRequests(text: string): readonly Request[] {
  const requests: Request[] = [];
  let method = 'GET';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (/^[A-Z]+$/.test(word)) method = word;
    else {
      const path = word.replace(/^[a-z]+:\/\/[^/]+/, '').replace(/\?.*$/, '');
      requests.push({ method, url: word, name: `${method} ${path === '' ? '/' : path}` });
      method = 'GET';
    }
  }
  return requests;
}
