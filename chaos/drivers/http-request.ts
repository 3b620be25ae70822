import { once } from 'node:events';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import type { DrillRequestSpec } from '../../lib/plan/schema/requests.ts';
import { type Answer, type SendOptions, contextOf, resolveJson } from './request-options.ts';

type HttpSpec = Extract<DrillRequestSpec, { http: unknown }>['http'];

/** One HTTP request; its connection is closed with it (unless it is the session's), at once when it is canceled. */
export async function sendHttp(spec: HttpSpec, options: SendOptions): Promise<Answer> {
  const { resolve, signal: stop, cancelAfterMs, headers: wanted, session } = options;
  const url = resolve(spec.url);
  const body = spec.body === undefined ? undefined : JSON.stringify(resolveJson(spec.body, resolve));
  const context = contextOf(options);
  const headers: Record<string, string> = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(context === undefined ? {} : { traceparent: context }),
  };
  for (const [name, value] of Object.entries(spec.headers)) headers[name.toLowerCase()] = resolve(value);
  const send = url.startsWith('https:') ? requestHttps : requestHttp;
  const gone = new AbortController();
  const signal = AbortSignal.any([stop, gone.signal]);
  const request = send(url, { method: spec.method, headers, agent: session?.agent(url) ?? false, signal });
  request.on('error', () => {});
  let timer: NodeJS.Timeout | undefined;
  try {
    // Called when it has been handed to the connection.
    request.end(body, () => {
      if (cancelAfterMs !== undefined) timer = setTimeout(() => gone.abort(), cancelAfterMs);
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const content = await text(response);
    const status = response.statusCode ?? 0;
    return {
      status: `HTTP ${status}`,
      ok: status >= 200 && status < 300,
      items: itemsOf(content),
      ...(wanted === undefined ? {} : { headers: headersOf(response, wanted) }),
    };
  } catch (error) {
    return { status: signal.aborted ? 'canceled' : reasonOf(error), ok: false, items: [] };
  } finally {
    clearTimeout(timer);
    if (session === undefined) request.destroy();
  }
}

function headersOf({ headers }: IncomingMessage, wanted: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    wanted.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
  );
}

/** A JSON array's elements, each JSON line, or the one value that it is. */
export function itemsOf(content: string): readonly unknown[] {
  if (content.trim() === '') return [];
  try {
    const value: unknown = JSON.parse(content);
    return Array.isArray(value) ? value : [value];
  } catch {
    return content
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => parseOr(line));
  }
}

function parseOr(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
