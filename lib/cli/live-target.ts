import { resolve } from 'node:path';
import { attachService } from '../../chaos/attached-service.ts';
import { attachTap } from '../../chaos/attached-tap.ts';
import { attachToxiproxyProxy, toxiproxyClient } from '../../chaos/drivers/toxiproxy.ts';
import { EnvironmentError, UsageError } from '../errors.ts';
import { loadSystem } from '../plan/load-system.ts';
import { suggest } from '../plan/nearest.ts';
import { type LiveSystem, findLiveSystem, readLiveSystem } from '../provision/live-system.ts';
import { requireAllowedHost } from './allowed-host.ts';
import { display } from './display.ts';
import { isServiceKind } from './fault-input.ts';
import { type FaultTarget, NOTHING, type TargetOptions, requireEnabled } from './fault-target.ts';

/**
 * An edge or a service of a system that a harness has brought up: by `cutover up`, or for a run. UsageError: it makes no sense.
 * EnvironmentError('nothing-runs'): there is none.
 */
export async function liveTarget(kind: string, options: TargetOptions): Promise<FaultTarget> {
  for (const [flag, value] of [
    ['--proxy', options.proxy],
    ['--protocol', options.protocol],
  ]) {
    if (value !== undefined) throw new UsageError(`${flag} goes with --toxiproxy`);
  }
  const { folder, system } = await liveSystem(options);
  if (options.on === undefined) throw new UsageError('--on is missing', { hint: suggestName(kind, system) });
  const where = `the system of ${display(folder)}`;
  return isServiceKind(kind)
    ? liveService(kind, options.on, system, where)
    : liveEdge(kind, options.on, system, where, options.allowHost);
}

async function liveSystem({ run, config }: TargetOptions) {
  const hint = 'bring it up with: cutover up';
  if (run !== undefined) {
    const folder = resolve(run);
    const system = readLiveSystem(folder);
    if (system !== undefined) return { folder, system };
    throw new EnvironmentError('nothing-runs', `no system of ${display(folder)} runs`, { hint });
  }
  const { output } = await loadSystem(process.cwd(), config);
  const found = findLiveSystem(output);
  if (found !== undefined) return found;
  throw new EnvironmentError('nothing-runs', `no system with a run folder in ${display(output)} runs`, { hint });
}

function liveEdge(
  kind: string,
  on: string,
  system: LiveSystem,
  where: string,
  allowHost: readonly string[],
): FaultTarget {
  const edge = system.edges.find(({ name }) => name === on);
  if (edge === undefined) throw new UsageError(`no edge "${on}" in ${where}`, { hint: suggestName(kind, system, on) });
  requireAllowedHost(edge.proxy.api, allowHost);
  if (system.tap !== undefined) requireAllowedHost(system.tap.url, allowHost);
  const { protocol, listen, upstream } = edge;
  if (kind.startsWith('request-')) requireTap(edge);
  const client = toxiproxyClient(edge.proxy.api);
  return {
    title: on,
    where,
    protocol,
    targets: (name) => {
      const proxy = attachToxiproxyProxy(client, edge.proxy);
      const tap = system.tap === undefined || !edge.tapped ? undefined : attachTap(system.tap);
      return { ...NOTHING, tap, edges: new Map([[name, { name, listen, upstream, protocol, proxy }]]) };
    },
    check: async () => requireEnabled(on, (await client.getProxy(edge.proxy.name)).enabled),
  };
}

function requireTap({ name, protocol, tapped }: LiveSystem['edges'][number]): void {
  if (tapped) return;
  const hint =
    protocol === 'tcp' ? 'set `protocol` of the edge to "http" or "grpc"' : 'bring the system up with: cutover up';
  throw new UsageError(`edge "${name}" has no tap, which faults on single requests need`, { hint });
}

function liveService(kind: string, on: string, system: LiveSystem, where: string): FaultTarget {
  const service = system.services.find(({ name }) => name === on);
  if (service === undefined)
    throw new UsageError(`no service "${on}" in ${where}`, { hint: suggestName(kind, system, on) });
  if (kind !== 'pause') {
    const hint = 'write it as a fault of an experiment, or try: cutover fault pause';
    const why = kind.endsWith('pressure') || kind === 'disk-full' ? 'give back what it takes away' : 'start it again';
    throw new UsageError(`${kind}: only the process that started "${on}" could ${why}`, { hint });
  }
  const leader = service.process;
  if (leader === undefined) {
    throw new UsageError(`service "${on}" was running already: its processes are out of reach`);
  }
  const control = attachService(on, { pid: leader.pid, startTime: leader.startTime });
  return {
    title: on,
    where,
    protocol: 'tcp',
    targets: (name) => ({ ...NOTHING, services: new Map([[name, control]]) }),
    check: () =>
      control.pid() === undefined
        ? Promise.reject(
            new EnvironmentError('service-gone', `process ${leader.pid} of service "${on}" has ended`, {
              hint: 'it may have been started again since; bring the system up anew',
            }),
          )
        : Promise.resolve(),
  };
}

function suggestName(kind: string, { services, edges }: LiveSystem, on = ''): string {
  const names = (isServiceKind(kind) ? services : edges).map(({ name }) => name);
  return suggest(on, names) ?? (isServiceKind(kind) ? 'it has no services' : 'it has no edges');
}
