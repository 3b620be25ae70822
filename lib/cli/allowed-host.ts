import { UsageError } from '../errors.ts';

/**
 * Blast radius: an API that breaks things is called on this machine only, or on a host that was named. Returns the URL without
 * a slash at its end. UsageError.
 */
export function requireAllowedHost(api: string, allowed: readonly string[]): string {
  const url = URL.canParse(api) ? new URL(api) : undefined;
  if (url === undefined || url.protocol !== 'http:' || url.username !== '' || url.search !== '') {
    throw new UsageError(`--toxiproxy: must be a URL such as "http://127.0.0.1:8474" (is "${api}")`);
  }
  if (!isLoopback(url.hostname) && !allowed.includes(url.hostname)) {
    throw new UsageError(`${url.hostname} is not this machine`, {
      hint: `if it may be disturbed, add: --allow-host ${url.hostname}`,
    });
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** URL has made the host canonical: 127.1 and 0x7f000001 are 127.0.0.1 by now. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** "[::]:8080" or "0.0.0.0:8080" of a server's proxy → the same port of the server's host. */
export function reachableFrom(listen: string, api: string): string {
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon);
  return ['', '[::]', '::', '0.0.0.0'].includes(host) ? `${new URL(api).hostname}${listen.slice(colon)}` : listen;
}
