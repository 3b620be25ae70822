/**
 * The simplest load there is, for any HTTP server: one request an iteration, to one URL or to several in turn.
 *
 *   URL      where to; or URLS, several with spaces in between ("GET http://…" or "POST http://…"; GET if none is given)
 *   BODY     the body of requests that have one
 *   HEADERS  a JSON object
 *   TIMEOUT  how long to wait for an answer (k6 duration, 10s)
 *
 * Plain k6: k6 run -e URL=http://127.0.0.1:8080/ scenarios/http.ts
 */
import exec from 'k6/execution';
import http from 'k6/http';
import { optional, required } from './support/env.ts';
import { arrivals, layOut } from './support/profile.ts';

export const options = {
  scenarios: { load: arrivals({ phases: layOut(['steady', 30, 10, 10]), maxVUs: 50 }) },
};

const timeout = optional('TIMEOUT', '10s');
const body = optional('BODY', '');
const headers = JSON.parse(optional('HEADERS', '{}')) as Record<string, string>;
const requests = parseRequests(optional('URLS', '') || required('URL'));

export default function () {
  const request = requests[exec.scenario.iterationInTest % requests.length];
  if (request === undefined) return;
  const payload = request.method === 'GET' || request.method === 'HEAD' ? null : body;
  http.request(request.method, request.url, payload, { headers, timeout, tags: { name: request.name } });
}

/** "GET http://a/x http://b/y" → requests; an operation is named by its method and path. */
function parseRequests(text: string): { method: string; url: string; name: string }[] {
  const parsed: { method: string; url: string; name: string }[] = [];
  let method = 'GET';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (/^[A-Z]+$/.test(word)) method = word;
    else {
      const path = word.replace(/^[a-z]+:\/\/[^/]+/, '').replace(/\?.*$/, '');
      parsed.push({ method, url: word, name: `${method} ${path === '' ? '/' : path}` });
      method = 'GET';
    }
  }
  return parsed;
}
