import { canListen, freePort } from '../../chaos/drivers/free-port.ts';
import { EnvironmentError } from '../errors.ts';
import type { System } from '../plan/schema/system.ts';
import { findPortHolder } from './port-holder.ts';

/**
 * A port of 127.0.0.1 for every named port of the services that the harness starts: "service.port" → number. Fixed ones are
 * checked, the others chosen; none is given twice. EnvironmentError('port-taken').
 */
export async function assignPorts(system: System): Promise<ReadonlyMap<string, number>> {
  const ports = new Map<string, number>();
  const open: string[] = [];
  for (const [service, definition] of Object.entries(system.services)) {
    if ('url' in definition) continue;
    if (Array.isArray(definition.ports)) {
      open.push(...definition.ports.map((name) => `${service}.${name}`));
    } else {
      for (const [name, port] of Object.entries(definition.ports)) {
        await requireFree(`port ${port} ("${name}") of service "${service}"`, port);
        ports.set(`${service}.${name}`, port);
      }
    }
  }
  const taken = new Set(ports.values());
  for (const edge of Object.values(system.edges)) {
    if (edge.listen !== undefined) taken.add(Number(edge.listen.slice(edge.listen.lastIndexOf(':') + 1)));
  }
  for (const name of open) {
    const port = await freePort(taken);
    taken.add(port);
    ports.set(name, port);
  }
  return ports;
}

/** EnvironmentError('port-taken') with the process that listens on it, where that can be found out. */
export async function requireFree(title: string, port: number, host?: string): Promise<void> {
  if ((await canListen(port, host)) !== undefined) return;
  const holder = findPortHolder(port);
  throw new EnvironmentError('port-taken', `${title} is taken${holder === undefined ? '' : ` by ${holder}`}`, {
    hint: 'stop what holds it, or let the port be chosen: ports: ["name"] instead of { name: number }',
  });
}
