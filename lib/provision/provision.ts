import type { ProxiedEdge } from '../../chaos/edge.ts';
import type { ToxiproxyServer } from '../../chaos/drivers/toxiproxy-server.ts';
import { formatExit } from '../../chaos/drivers/child-process.ts';
import { quoteLog } from '../../chaos/drivers/log-tail.ts';
import type { Warden } from '../../chaos/warden.ts';
import type { RunContext } from '../context.ts';
import { CleanupError, EnvironmentError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { ProcessService, UrlService } from '../plan/schema/system.ts';
import { throwIfStopped } from './abort.ts';
import { buildArtifact } from './build.ts';
import { cleanUp } from './clean-up.ts';
import { proxyEdges, startProxyServer } from './edges.ts';
import { type IncidentLog, type ProvisionIncident, incidentLog } from './incidents.ts';
import { resolvePlaceholders } from './placeholders.ts';
import { assignPorts } from './ports.ts';
import { type StartingService, dataFolder, describeExit, startService } from './process-service.ts';
import { switchTraffic } from './traffic-switch.ts';
import { reachService, serviceUrl } from './url-service.ts';

export interface ProvisionOptions {
  readonly plan: Plan;
  readonly context: RunContext;
  /** Path of toxiproxy-server; needed when the system has edges. */
  readonly toxiproxyServer: string | undefined;
  readonly warden: Warden;
}

interface ProvisionedService {
  readonly name: string;
  /** Undefined for a service that ran already. */
  readonly pid: number | undefined;
  readonly metricsUrl: string | undefined;
  /** Settles when the process ends; `expected` when it was told to. */
  readonly exited: Promise<ProvisionIncident & { readonly expected: boolean }> | undefined;
}

/** The system, ready for load. Disposing of it stops, in reverse order, everything that was started. */
export interface ProvisionedSystem extends AsyncDisposable {
  readonly services: readonly ProvisionedService[];
  readonly edges: ReadonlyMap<string, ProxiedEdge>;
  readonly toxiproxyPid: number | undefined;
  /** Replaces the placeholders that stand for something in the whole system. */
  readonly resolve: (text: string) => string;
  /** Moves traffic while the system runs, with read-back; see `switchTraffic`. */
  readonly switchTraffic: (traffic: Plan['traffic']) => Promise<void>;
  /** Tells of every service, or Toxiproxy, that ended by itself, from the start on. */
  readonly onIncident: (listener: (incident: ProvisionIncident) => void) => void;
}

/**
 * Makes the plan's system ready, in this order:
 *
 *  1. a port for every named port; 2. builds, side by side; 3. Toxiproxy and a proxy on each edge; 4. the services, in the
 *  order they are written in; 5. readiness of all, awaited together; 6. the traffic switch, with read-back.
 *
 * EnvironmentError: something could not be built, started or reached. AbortedError: the user stopped the run. Either way
 * what was started is stopped first; CleanupError when that could not be verified.
 */
export async function provision(options: ProvisionOptions): Promise<ProvisionedSystem> {
  const stack = new AsyncDisposableStack();
  try {
    return await build(options, stack);
  } catch (error) {
    try {
      await cleanUp(stack);
    } catch (failure) {
      const { message, hint } = failure as CleanupError;
      throw new CleanupError(`${message}\nafter: ${(error as Error).message}`, { hint, cause: error });
    }
    // A wait that was cut short rejects with the platform's own error.
    if (!(error instanceof EnvironmentError)) throwIfStopped(options.context.signal);
    throw error;
  }
}

async function build(options: ProvisionOptions, stack: AsyncDisposableStack): Promise<ProvisionedSystem> {
  const { plan, context, warden } = options;
  const { system } = plan;
  const incidents = incidentLog();

  const ports = await assignPorts(system);
  const values = new Map([['cache', context.cacheDir]]);
  for (const [name, port] of ports) values.set(name, `127.0.0.1:${port}`);
  for (const [name, service] of urlServices(plan)) values.set(name, serviceUrl(service));
  const resolve = (text: string): string => resolvePlaceholders(text, values);

  const artifacts = await buildAll(options, resolve);

  let edges: ReadonlyMap<string, ProxiedEdge> = new Map();
  let toxiproxy: ToxiproxyServer | undefined;
  if (Object.keys(system.edges).length > 0) {
    toxiproxy = stack.use(await startProxyServer(requirePath(options.toxiproxyServer), context, warden));
    void watchToxiproxy(toxiproxy, incidents, context);
    edges = await proxyEdges(system, ports, toxiproxy, context);
    for (const edge of edges.values()) values.set(`edge.${edge.name}`, edge.listen);
  }

  const starting = new Map<string, StartingService>();
  for (const [name, service] of processServices(plan)) {
    throwIfStopped(context.signal);
    const own = new Map([...values, ['data', await dataFolder(context, name)]]);
    const artifact = artifacts.get(name);
    if (artifact !== undefined) own.set('artifact', artifact);
    const resolveOwn = (text: string): string => resolvePlaceholders(text, own);
    context.progress(`${name}: starting`);
    const started = stack.use(
      await startService({ name, service, root: plan.root, resolve: resolveOwn, context, guard: warden }),
    );
    starting.set(name, started);
  }

  await Promise.all([
    ...[...starting.values()].map((service) => service.ready()),
    ...urlServices(plan).map(([name, service]) => reachService(name, service, resolve, context)),
  ]);
  for (const name of Object.keys(system.services)) context.progress(`${name}: ready`);
  await switchTraffic(plan, values, context);

  return {
    services: Object.entries(system.services).map(([name, { metrics }]) =>
      describeService(
        name,
        metrics === undefined ? undefined : resolve(metrics),
        starting.get(name),
        incidents,
        context,
      ),
    ),
    edges,
    toxiproxyPid: toxiproxy?.pid,
    resolve,
    switchTraffic: (traffic) => switchTraffic({ system, traffic }, values, context),
    onIncident: (listener) => incidents.listen(listener),
    [Symbol.asyncDispose]: () => cleanUp(stack),
  };
}

/** Every service's artifact by the service's name; when one build fails the others are stopped. */
async function buildAll(options: ProvisionOptions, resolve: (text: string) => string): Promise<Map<string, string>> {
  const { plan, warden } = options;
  const failed = new AbortController();
  const context = { ...options.context, signal: AbortSignal.any([options.context.signal, failed.signal]) };
  const artifacts = new Map<string, string>();
  let failure: unknown;
  await Promise.all(
    processServices(plan).map(async ([service, { process }]) => {
      if (process.build === undefined) return;
      try {
        const { root } = plan;
        artifacts.set(
          service,
          await buildArtifact({ service, build: process.build, root, resolve, context, guard: warden }),
        );
      } catch (error) {
        failure ??= error;
        failed.abort();
      }
    }),
  );
  if (failure !== undefined) throw failure;
  return artifacts;
}

function describeService(
  name: string,
  metricsUrl: string | undefined,
  service: StartingService | undefined,
  incidents: IncidentLog,
  context: RunContext,
): ProvisionedService {
  if (service === undefined) return { name, pid: undefined, metricsUrl, exited: undefined };
  const exited = service.exited.then((exit) => {
    const message = describeExit(name, exit, service.logFile);
    const expected = service.stopping();
    if (!expected) {
      context.journal.record('service-exited', { service: name, ...exit });
      incidents.report({ source: name, message });
    }
    return { source: name, message, expected };
  });
  return { name, pid: service.pid, metricsUrl, exited };
}

async function watchToxiproxy(server: ToxiproxyServer, incidents: IncidentLog, context: RunContext): Promise<void> {
  const exit = await server.exited;
  if (server.stopping()) return;
  context.journal.record('toxiproxy-exited', { ...exit });
  const message = `toxiproxy ended by itself (${formatExit(exit)})${quoteLog(server.logFile)}`;
  incidents.report({ source: 'toxiproxy', message });
}

function processServices({ system }: Plan): [string, ProcessService][] {
  return Object.entries(system.services).flatMap(([name, service]) => ('process' in service ? [[name, service]] : []));
}

function urlServices({ system }: Plan): [string, UrlService][] {
  return Object.entries(system.services).flatMap(([name, service]) => ('url' in service ? [[name, service]] : []));
}

function requirePath(path: string | undefined): string {
  if (path !== undefined) return path;
  throw new EnvironmentError('no-toxiproxy', 'the system has edges, but there is no toxiproxy-server to put on them');
}
