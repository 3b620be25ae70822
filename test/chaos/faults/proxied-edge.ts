import { join } from 'node:path';
import { expect } from 'vitest';
import { type ToxiproxyServer, startToxiproxyServer } from '../../../chaos/drivers/toxiproxy-server.ts';
import { type ToxiproxyProxy, createToxiproxyProxy } from '../../../chaos/drivers/toxiproxy.ts';
import type { ProxiedEdge } from '../../../chaos/edge.ts';
import { type BoundFault, bindFault } from '../../../chaos/faults/bind-fault.ts';
import type { FaultTimes, OnEdge } from '../../../chaos/faults/fault-kind.ts';
import type { ConnectionFault } from '../../../chaos/faults/fault.ts';
import { probeOf } from '../../../chaos/faults/kinds.ts';
import { type ProbeResult, probeEdge } from '../../../chaos/probe.ts';
import { type EdgeVerdict, edgeDisturbed } from '../../../lib/judge/edge-disturbed.ts';
import type { EdgeProbe } from '../../../lib/observe/observations.ts';
import type { Fault } from '../../../lib/plan/plan.ts';
import type { Edge } from '../../../lib/plan/schema/system.ts';
import type { EchoServer } from '../../helpers/echo-servers.ts';
import { testContext, testGuard } from '../../helpers/run-context.ts';
import { toxiproxyServerPath } from '../../helpers/toxiproxy.ts';

const EDGE = 'edge';
const WINDOW: FaultTimes & OnEdge = { name: 'fault', edge: EDGE, startMs: 0, endMs: 10_000 };

type Own<F extends ConnectionFault = ConnectionFault> = F extends ConnectionFault
  ? Omit<F, keyof typeof WINDOW | 'direction' | 'connections'> & Partial<F>
  : never;

/** A fault of the edge, named `fault`, on all connections' replies, but for what is given. */
export function aFault(own: Own): ConnectionFault {
  return { ...WINDOW, direction: 'replies', connections: 1, ...own } as ConnectionFault;
}

/** A real upstream behind a real proxy, and what a fault on the way to it needs. */
export interface TestEdge extends AsyncDisposable {
  readonly server: ToxiproxyServer;
  readonly proxy: ToxiproxyProxy;
  readonly upstream: EchoServer;
  readonly listen: string;
  readonly port: number;
  /** With a proxy that does some things in its own way. */
  bind(fault: Fault, changes?: Partial<ToxiproxyProxy>): BoundFault;
  /** The harness's own look at the edge, as the schedule makes it for the fault. */
  probe(fault: Fault, timeoutMs?: number): Promise<ProbeResult>;
  expectClean(): Promise<void>;
}

export async function testEdge(
  start: () => Promise<EchoServer>,
  protocol: Edge['protocol'] = 'http',
): Promise<TestEdge> {
  const context = await testContext();
  const guard = testGuard();
  const upstream = await start();
  const logFile = join(context.folder, 'logs', 'toxiproxy.log');
  const server = await startToxiproxyServer({
    path: await toxiproxyServerPath(),
    logFile,
    guard,
    signal: context.signal,
  });
  const proxy = await createToxiproxyProxy(
    server.client,
    { name: EDGE, listen: '127.0.0.1:0', upstream: upstream.address },
    () => server.exit() !== undefined,
  );
  const { listen } = proxy;
  return {
    server,
    proxy,
    upstream,
    listen,
    port: Number(listen.slice(listen.lastIndexOf(':') + 1)),
    bind(fault, changes = {}) {
      const edge: ProxiedEdge = {
        name: EDGE,
        listen,
        upstream: upstream.address,
        protocol,
        proxy: { ...proxy, ...changes },
      };
      return bindFault(fault, { edges: new Map([[EDGE, edge]]), services: new Map(), tap: undefined });
    },
    probe: (fault, timeoutMs = 5_000) =>
      probeEdge({ listen, protocol, mode: probeOf(fault)?.mode ?? 'round-trip' }, timeoutMs),
    async expectClean() {
      expect(await proxy.state()).toMatchObject({ enabled: true, toxics: [], listen });
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      expect(guard.held).toEqual(new Set());
      await upstream[Symbol.asyncDispose]();
      await context[Symbol.asyncDispose]();
    },
  };
}

interface Seen {
  readonly before: ProbeResult;
  readonly during: readonly ProbeResult[];
  readonly after: ProbeResult;
}

/** What the judge makes of these round trips. */
export function judged(fault: Fault, { before, during, after }: Seen): EdgeVerdict {
  const shows = probeOf(fault)?.shows(fault);
  if (shows === undefined) throw new Error(`round trips are no proof of ${fault.kind}`);
  const probes: EdgeProbe[] = [
    { atMs: 0, when: 'before', ...before },
    ...during.map((result): EdgeProbe => ({ atMs: 1, when: 'during', ...result })),
    { atMs: 2, when: 'after', ...after },
  ];
  return edgeDisturbed(shows, probes);
}
