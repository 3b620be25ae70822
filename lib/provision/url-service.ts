import type { RunContext } from '../context.ts';
import { EnvironmentError } from '../errors.ts';
import type { UrlService } from '../plan/schema/system.ts';
import { throwIfStopped } from './abort.ts';
import { tcpReadiness } from './readiness/tcp.ts';
import { readinessProbe, waitUntilReady } from './readiness/wait.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443', 'grpc:': '443' };

/** The URL that `{{service}}` stands for: without a slash at its end, so that a path can follow. */
export function serviceUrl({ url }: UrlService): string {
  return url.replace(/\/+$/, '');
}

/**
 * Makes sure that a service that runs already can be reached: by its `ready` check, else by a connection to its URL's host
 * and port. EnvironmentError('service-unreachable').
 */
export async function reachService(
  name: string,
  service: UrlService,
  resolve: (text: string) => string,
  context: RunContext,
): Promise<void> {
  const probe =
    service.ready === undefined ? tcpReadiness(addressOf(service.url)) : readinessProbe(service.ready, resolve);
  const readiness = await waitUntilReady(probe, service.ready?.timeout ?? CONNECT_TIMEOUT_MS, context.signal);
  throwIfStopped(context.signal);
  if (readiness.state !== 'ready') {
    throw new EnvironmentError(
      'service-unreachable',
      `service "${name}" at ${service.url} cannot be reached (${probe.title}: ${readiness.last})`,
      { hint: 'start it first, or let it be started here with `process` instead of `url`' },
    );
  }
  context.journal.record('service-reached', { service: name, url: service.url, tookMs: readiness.tookMs });
}

function addressOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port === '' ? DEFAULT_PORTS[protocol] : port}`;
}
