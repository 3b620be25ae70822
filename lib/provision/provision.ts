import type { ProxiedEdge } from '../../chaos/edge.ts';
import type { ToxiproxyServer } from '../../chaos/drivers/toxiproxy-server.ts';
import { formatExit } from '../../chaos/drivers/child-process.ts';
import { quoteLog } from '../../chaos/drivers/log-tail.ts';
import type { ServiceControl } from '../../chaos/service-control.ts';
import type { Tap } from '../../chaos/tap/tap.ts';
import { tappedEdges } from '../../chaos/tap/tapped-edges.ts';
import type { Warden } from '../../chaos/warden.ts';
import type { RunContext } from '../context.ts';
import { CleanupError, EnvironmentError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { ProcessService, UrlService } from '../plan/schema/system.ts';
import { throwIfStopped } from './abort.ts';
import { buildArtifact } from './build.ts';
import { cleanUp } from './clean-up.ts';
import { proxyEdges, routeEdges, startProxyServer, tapEdges } from './edges.ts';
import { type IncidentLog, type ProvisionIncident, incidentLog } from './incidents.ts';
import { resolvePlaceholders } from './placeholders.ts';
import { assignPorts } from './ports.ts';
import { dataFolder } from './process-service.ts';
import { type ControlledService, startControlled } from './service-control.ts';
import { needsOf, requireNeeds } from './service-needs.ts';
import { type TrafficControl, trafficControl } from './traffic-control.ts';
import { reachService, serviceUrl } from './url-service.ts';

export interface ProvisionOptions {
  readonly plan: Plan;
  readonly context: RunContext;
  /** Path of toxiproxy-server; needed when the system has edges. */
  readonly toxiproxyServer: string | undefined;
  readonly warden: Warden;
  /** Edges that get a tap; default: those for which the plan needs one. */
  readonly tapped?: ReadonlySet<string>;
  /** Values of placeholders that stand for something beside the system. */
  readonly placeholders?: ReadonlyMap<string, string> | undefined;
}

interface ProvisionedService {
  readonly name: string;
  /** Of the process that it was started with; undefined for a service that ran already. */
  readonly pid: number | undefined;
  readonly metricsUrl: string | undefined;
  /** Settles when that process ends; `expected` when it was told to. */
  readonly exited: Promise<ProvisionIncident & { readonly expected: boolean }> | undefined;
}

/** The system, ready for load. Disposing of it stops, in reverse order, everything that was started. */
export interface ProvisionedSystem extends AsyncDisposable {
  readonly services: readonly ProvisionedService[];
  /** What faults and drills may do to the services that were started here, by name. */
  readonly controls: ReadonlyMap<string, ServiceControl>;
  readonly edges: ReadonlyMap<string, ProxiedEdge>;
  readonly toxiproxyPid: number | undefined;
  /** On the edges that a fault or a drill of the plan needs it for. */
  readonly tap: Tap | undefined;
  /** Replaces the placeholders that stand for something in the whole system. */
  readonly resolve: (text: string) => string;
  /** Moves traffic while the system runs. */
  readonly traffic: Pick<TrafficControl, 'switchTraffic' | 'killSwitch'>;
  /** Tells of every process with which a service goes on after a fault has ended the one before. */
  readonly onServiceStarted: (listener: (service: string, pid: number) => void) => void;
  /** Tells of every service, or Toxiproxy, that ended by itself, from the start on. */
  readonly onIncident: (listener: (incident: ProvisionIncident) => void) => void;
}

/**
 * Makes the plan's system ready, in this order:
 *
 *  0. whether this machine can do what the faults on services need; 1. a port for every named port; 2. builds, side by side; 3. Toxiproxy and a proxy on each edge; 4. the services, in the
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
  await requireNeeds(plan.faults);

  const ports = await assignPorts(system);
  const values = new Map([...(options.placeholders ?? []), ['cache', context.cacheDir]]);
  for (const [name, port] of ports) values.set(name, `127.0.0.1:${port}`);
  for (const [name, service] of urlServices(plan)) values.set(name, serviceUrl(service));
  const resolve = (text: string): string => resolvePlaceholders(text, values);

  const artifacts = await buildAll(options, resolve);

  let edges: ReadonlyMap<string, ProxiedEdge> = new Map();
  let toxiproxy: ToxiproxyServer | undefined;
  let tap: Tap | undefined;
  if (Object.keys(system.edges).length > 0) {
    toxiproxy = stack.use(await startProxyServer(requirePath(options.toxiproxyServer), context, warden));
    void watchHelper('toxiproxy', toxiproxy, incidents, context);
    const routes = await routeEdges(system, ports, options.tapped ?? tappedEdges(plan));
    edges = await proxyEdges(routes, toxiproxy, context);
    tap = await tapEdges(routes, context, warden);
    if (tap !== undefined) {
      stack.use(tap);
      void watchHelper('tap', tap, incidents, context);
    }
    for (const edge of edges.values()) values.set(`edge.${edge.name}`, edge.listen);
  }

  const started = new Map<string, ControlledService>();
  const listeners: ((service: string, pid: number) => void)[] = [];
  for (const [name, service] of processServices(plan)) {
    throwIfStopped(context.signal);
    const data = await dataFolder(context, name);
    const own = new Map([...values, ['data', data]]);
    const artifact = artifacts.get(name);
    if (artifact !== undefined) own.set('artifact', artifact);
    context.progress(`${name}: starting`);
    const controlled = await startControlled({
      name,
      service,
      root: plan.root,
      resolve: (text) => resolvePlaceholders(text, own),
      context,
      guard: warden,
      dataFolder: data,
      needs: needsOf(name, plan.faults),
      onStarted: (pid) => {
        for (const listener of listeners) listener(name, pid);
      },
      onUnexpectedExit: (exit, message) => {
        context.journal.record('service-exited', { service: name, ...exit });
        incidents.report({ source: name, message });
      },
    });
    started.set(name, stack.use(controlled));
  }

  await Promise.all([
    ...[...started.values()].map(({ first }) => first.ready()),
    ...urlServices(plan).map(([name, service]) => reachService(name, service, resolve, context)),
  ]);
  for (const name of Object.keys(system.services)) context.progress(`${name}: ready`);
  const traffic = stack.use(trafficControl({ plan, values, context }));
  await traffic.switchTraffic(plan.traffic);

  return {
    services: Object.entries(system.services).map(([name, { metrics }]) =>
      describeService(name, metrics === undefined ? undefined : resolve(metrics), started.get(name)),
    ),
    controls: new Map([...started].map(([name, { control }]) => [name, control])),
    edges,
    toxiproxyPid: toxiproxy?.pid,
    tap,
    resolve,
    traffic,
    onServiceStarted: (listener) => void listeners.push(listener),
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
  started: ControlledService | undefined,
): ProvisionedService {
  if (started === undefined) return { name, pid: undefined, metricsUrl, exited: undefined };
  const exited = started.firstExit.then((exit) => ({ source: name, ...exit }));
  return { name, pid: started.first.pid, metricsUrl, exited };
}

/** What stands on the edges must live as long as the system. */
async function watchHelper(
  source: 'toxiproxy' | 'tap',
  helper: Pick<ToxiproxyServer, 'exited' | 'stopping' | 'logFile'>,
  incidents: IncidentLog,
  context: RunContext,
): Promise<void> {
  const exit = await helper.exited;
  if (helper.stopping()) return;
  context.journal.record(`${source}-exited`, { ...exit });
  const message = `${source} ended by itself (${formatExit(exit)})${quoteLog(helper.logFile)}`;
  incidents.report({ source, message });
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
