import { once } from 'node:events';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';

export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * One HTTP call on a connection of its own: a proxy that reads its configuration again closes those that wait, and whoever
 * uses one of them then is told that the call was lost. Rejects without an answer.
 */
export async function callHttp({
  method,
  url,
  headers,
  body,
  signal,
}: HttpCall): Promise<{ status: number; text: string }> {
  const send = url.startsWith('https:') ? requestHttps : requestHttp;
  const request = send(url, { method, headers, agent: false, signal });
  try {
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, text: await text(response) };
  } finally {
    request.on('error', () => {});
    request.destroy();
  }
}
