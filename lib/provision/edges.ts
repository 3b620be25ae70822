import { join } from 'node:path';
import { type ToxiproxyServer, startToxiproxyServer } from '../../chaos/drivers/toxiproxy-server.ts';
import { createToxiproxyProxy } from '../../chaos/drivers/toxiproxy.ts';
import { freePort } from '../../chaos/drivers/free-port.ts';
import type { GroupGuard } from '../../chaos/drivers/child-process.ts';
import type { ProxiedEdge } from '../../chaos/edge.ts';
import type { RunContext } from '../context.ts';
import type { Edge, System } from '../plan/schema/system.ts';
import { requireFree } from './ports.ts';

const LOOPBACK = '127.0.0.1';

/** Starts the run's own Toxiproxy. */
export async function startProxyServer(path: string, context: RunContext, guard: GroupGuard): Promise<ToxiproxyServer> {
  const logFile = join(context.folder, 'logs', 'toxiproxy.log');
  const server = await startToxiproxyServer({ path, logFile, guard, signal: context.signal });
  context.journal.record('toxiproxy-started', { pid: server.pid, url: server.url });
  return server;
}

/** Puts a proxy on every edge. `ports` are those of the services, "service.port" → number; none is used again. */
export async function proxyEdges(
  system: System,
  ports: ReadonlyMap<string, number>,
  server: ToxiproxyServer,
  context: RunContext,
): Promise<ReadonlyMap<string, ProxiedEdge>> {
  const edges = new Map<string, ProxiedEdge>();
  const taken = new Set(ports.values());
  for (const [name, edge] of Object.entries(system.edges)) {
    const listen = await listenAddress(name, edge, taken);
    const upstream = upstreamOf(edge, ports);
    const proxy = await createToxiproxyProxy(
      server.client,
      { name, listen, upstream },
      () => server.exit() !== undefined,
    );
    edges.set(name, { name, listen: proxy.listen, upstream, protocol: edge.protocol, proxy });
    context.journal.record('edge-proxied', { edge: name, listen: proxy.listen, upstream });
  }
  return edges;
}

/** "service.port" of a service that is started here → its address; "host:port" stays. */
function upstreamOf({ to }: Edge, ports: ReadonlyMap<string, number>): string {
  const port = ports.get(to);
  return port === undefined ? to : `${LOOPBACK}:${port}`;
}

async function listenAddress(name: string, { listen }: Edge, taken: Set<number>): Promise<string> {
  if (listen === undefined) {
    const port = await freePort(taken);
    taken.add(port);
    return `${LOOPBACK}:${port}`;
  }
  const colon = listen.lastIndexOf(':');
  const port = Number(listen.slice(colon + 1));
  await requireFree(
    `listen address ${listen} of edge "${name}"`,
    port,
    listen.slice(0, Math.max(colon, 0)) || LOOPBACK,
  );
  return listen;
}
