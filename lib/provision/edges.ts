import { join } from 'node:path';
import { type ToxiproxyServer, startToxiproxyServer } from '../../chaos/drivers/toxiproxy-server.ts';
import { createToxiproxyProxy } from '../../chaos/drivers/toxiproxy.ts';
import { freePort } from '../../chaos/drivers/free-port.ts';
import type { GroupGuard } from '../../chaos/drivers/child-process.ts';
import type { ProxiedEdge } from '../../chaos/edge.ts';
import { type Tap, type TapEdgeOptions, startTap } from '../../chaos/tap/tap.ts';
import type { RunContext } from '../context.ts';
import type { Edge, System } from '../plan/schema/system.ts';
import { RUN_FILES } from '../run-folder.ts';
import { requireFree } from './ports.ts';

const LOOPBACK = '127.0.0.1';

/** Starts the run's own Toxiproxy. */
export async function startProxyServer(path: string, context: RunContext, guard: GroupGuard): Promise<ToxiproxyServer> {
  const logFile = join(context.folder, 'logs', 'toxiproxy.log');
  const server = await startToxiproxyServer({ path, logFile, guard, signal: context.signal });
  context.journal.record('toxiproxy-started', { pid: server.pid, url: server.url });
  return server;
}

/** The way from a caller to a callee: through the proxy, and on either side of it through the tap where there is one. */
export interface EdgeRoute {
  readonly name: string;
  readonly edge: Edge;
  /** Where callers connect to. */
  readonly listen: string;
  readonly upstream: string;
  /** Where the proxy and the tap meet; undefined without a tap. */
  readonly between: string | undefined;
}

/** Chooses the addresses of every edge. `ports` are those of the services, "service.port" → number; none is used again. */
export async function routeEdges(
  system: System,
  ports: ReadonlyMap<string, number>,
  tapped: ReadonlySet<string>,
): Promise<readonly EdgeRoute[]> {
  const taken = new Set(ports.values());
  const routes: EdgeRoute[] = [];
  for (const [name, edge] of Object.entries(system.edges)) {
    const listen = await listenAddress(name, edge, taken);
    const between = tapped.has(name) ? await ownAddress(taken) : undefined;
    routes.push({ name, edge, listen, upstream: upstreamOf(edge, ports), between });
  }
  return routes;
}

/** Puts a proxy on every edge. */
export async function proxyEdges(
  routes: readonly EdgeRoute[],
  server: ToxiproxyServer,
  context: RunContext,
): Promise<ReadonlyMap<string, ProxiedEdge>> {
  const edges = new Map<string, ProxiedEdge>();
  for (const { name, edge, listen, upstream, between } of routes) {
    const before = between !== undefined && edge.tap.side === 'caller';
    const after = between !== undefined && edge.tap.side === 'callee';
    const proxy = await createToxiproxyProxy(
      server.client,
      { name, listen: before ? between : listen, upstream: after ? between : upstream },
      () => server.exit() !== undefined,
    );
    edges.set(name, { name, listen: before ? listen : proxy.listen, upstream, protocol: edge.protocol, proxy });
    context.journal.record('edge-proxied', { edge: name, listen, upstream, tap: between && edge.tap.side });
  }
  return edges;
}

/** Starts the tap of the edges that have one; undefined when none does. */
export async function tapEdges(
  routes: readonly EdgeRoute[],
  context: RunContext,
  guard: GroupGuard,
): Promise<Tap | undefined> {
  const edges = routes.flatMap((route) => tapOptions(route));
  if (edges.length === 0) return undefined;
  const tap = await startTap({
    edges,
    attemptsFile: join(context.folder, RUN_FILES.attempts),
    logFile: join(context.folder, 'logs', 'tap.log'),
    guard,
    signal: context.signal,
  });
  context.journal.record('tap-started', { pid: tap.pid, edges: edges.map(({ name }) => name) });
  return tap;
}

function tapOptions({ name, edge, listen, upstream, between }: EdgeRoute): TapEdgeOptions[] {
  const { protocol, tap } = edge;
  // The plan has no such faults or drills on an edge of unknown bytes.
  if (between === undefined || protocol === 'tcp') return [];
  const { side, timeoutHeader, idempotencyKey } = tap;
  return [
    {
      name,
      protocol,
      ...(side === 'caller' ? { listen, upstream: between } : { listen: between, upstream }),
      ...(timeoutHeader === undefined ? {} : { timeoutHeader }),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    },
  ];
}

/** "service.port" of a service that is started here → its address; "host:port" stays. */
function upstreamOf({ to }: Edge, ports: ReadonlyMap<string, number>): string {
  const port = ports.get(to);
  return port === undefined ? to : `${LOOPBACK}:${port}`;
}

async function listenAddress(name: string, { listen }: Edge, taken: Set<number>): Promise<string> {
  if (listen === undefined) return await ownAddress(taken);
  const colon = listen.lastIndexOf(':');
  const port = Number(listen.slice(colon + 1));
  await requireFree(
    `listen address ${listen} of edge "${name}"`,
    port,
    listen.slice(0, Math.max(colon, 0)) || LOOPBACK,
  );
  return listen;
}

async function ownAddress(taken: Set<number>): Promise<string> {
  const port = await freePort(taken);
  taken.add(port);
  return `${LOOPBACK}:${port}`;
}
