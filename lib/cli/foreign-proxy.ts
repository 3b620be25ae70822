import { attachToxiproxyProxy, toxiproxyClient } from '../../chaos/drivers/toxiproxy.ts';
import { UsageError } from '../errors.ts';
import { suggest } from '../plan/nearest.ts';
import { reachableFrom, requireAllowedHost } from './allowed-host.ts';
import { isServiceKind } from './fault-input.ts';
import { type FaultTarget, NOTHING, type TargetOptions, requireEnabled } from './fault-target.ts';

const PROTOCOLS = ['http', 'grpc', 'tcp'] as const;

/**
 * A proxy of a Toxiproxy that the user runs: others may use it too, and it stays as it is but for one toxic. UsageError: it
 * makes no sense. ToxiproxyError: its API is not there.
 */
export async function foreignProxy(kind: string, api: string, options: TargetOptions): Promise<FaultTarget> {
  const { proxy: name, on, allowHost, protocol = 'tcp' } = options;
  if (name === undefined) throw new UsageError('--proxy is missing: which one of the Toxiproxy?');
  if (on !== undefined) throw new UsageError('--on goes with a live system; a Toxiproxy has --proxy');
  if (isServiceKind(kind)) throw new UsageError(`${kind} is on a service; a Toxiproxy has none`);
  if (kind.startsWith('request-')) throw new UsageError(`${kind} needs a tap; a Toxiproxy knows nothing of requests`);
  const spoken = PROTOCOLS.find((known) => known === protocol);
  if (spoken === undefined) {
    throw new UsageError(`--protocol: must be http, grpc or tcp (is "${protocol}")`, {
      hint: suggest(protocol, PROTOCOLS),
    });
  }
  const url = requireAllowedHost(api, allowHost);
  // Such a proxy can be listed, but never be spoken to: its name would be another path in the API.
  if (name.includes('/') || name === '.' || name === '..' || name === '') {
    throw new UsageError(`--proxy: Toxiproxy cannot be asked for a proxy of this name (is "${name}")`);
  }
  const client = toxiproxyClient(url);
  const proxies = await client.listProxies();
  const state = proxies.find((proxy) => proxy.name === name);
  if (state === undefined) {
    const names = proxies.map((proxy) => proxy.name);
    throw new UsageError(`no proxy "${name}" at ${url}`, { hint: suggest(name, names) ?? 'it has none' });
  }
  const { listen, upstream } = state;
  return {
    title: name,
    where: url,
    protocol: spoken,
    seenAt: reachableFrom(listen, url),
    targets: (edge, ownToxic) => {
      const proxy = attachToxiproxyProxy(client, state, new Set([ownToxic]));
      return { ...NOTHING, edges: new Map([[edge, { name: edge, listen, upstream, protocol: spoken, proxy }]]) };
    },
    check: async () => requireEnabled(name, (await client.getProxy(name)).enabled),
  };
}
