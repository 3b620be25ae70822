import type { ProxyState, Toxic, ToxiproxyProxy } from '../drivers/toxiproxy.ts';
import type { EdgeTarget, FaultSign, OnEdge } from './fault-kind.ts';
import { removeVerified } from './remove-verified.ts';

/** Which way the bytes go that a fault acts on. */
export type Direction = 'replies' | 'requests';

/** What the kinds have in common that are one toxic of Toxiproxy. */
export interface OnStream extends OnEdge {
  readonly direction: Direction;
  /** Share of the connections that it acts on, drawn by Toxiproxy when each opens. */
  readonly connections: number;
}

export type ToxicAttributes = Pick<Toxic, 'type' | 'attributes'>;

/** Brings in, adjusts and takes away one toxic; `attributes` gives it for the fault as it is at `value` (see Action). */
export function toxicFault<F extends OnStream>(attributes: (fault: F, value?: number) => ToxicAttributes) {
  const toxic = (fault: F, value?: number): Toxic => {
    const { type, attributes: values } = attributes(fault, value);
    return {
      name: toxicName(fault),
      type,
      stream: fault.direction === 'replies' ? 'downstream' : 'upstream',
      toxicity: fault.connections,
      attributes: values,
    };
  };
  return {
    inject: ({ proxy }: EdgeTarget, fault: F) => proxy.addToxic(toxic(fault)),
    adjust: ({ proxy }: EdgeTarget, fault: F, value: number) => proxy.updateToxic(toxic(fault, value)),
    remove: ({ proxy }: EdgeTarget, fault: F) => {
      const { name } = toxic(fault);
      return removeVerified(
        proxy,
        () => proxy.removeToxic(name),
        ({ enabled, toxics }) => enabled && !toxics.some((other) => other.name === name),
      );
    },
    sign: ({ proxy }: EdgeTarget, fault: F) => readBack(proxy, toxic(fault), 'ramp' in fault),
  };
}

/** Of the fault's own name, so that nobody else's toxic is taken for it: faults may come from more than one process. */
export function toxicName({ name }: OnStream): string {
  return `cutover-${name}`;
}

/**
 * The server ignores attributes that it does not know, and says nothing: what it reports must be what was asked for, or the
 * fault is none. A value that moves is not compared.
 */
async function readBack(proxy: ToxiproxyProxy, asked: Toxic, moves: boolean): Promise<FaultSign> {
  const found = (await proxy.state()).toxics.find(({ name }) => name === asked.name);
  if (found === undefined) return { seen: false, detail: `the proxy has no ${asked.type} toxic` };
  const wrong = mismatches(found, asked, moves);
  if (wrong.length > 0) return { seen: false, detail: `the proxy reports ${wrong.join(', ')}` };
  return { seen: true, detail: `the proxy reports ${asked.type} ${JSON.stringify(found.attributes)}` };
}

function mismatches(found: ProxyState['toxics'][number], asked: Toxic, moves: boolean): string[] {
  const wrong = Object.entries(asked.attributes).flatMap(([key, value]) => {
    const reported = found.attributes?.[key];
    if (reported === undefined) return [`no ${key} of ${asked.type}`];
    return moves || reported === value ? [] : [`${key} ${reported}, not ${value}`];
  });
  // The server keeps 32 bits of it.
  const sameShare = Math.fround(found.toxicity ?? 1) === Math.fround(asked.toxicity);
  return sameShare ? wrong : [...wrong, `toxicity ${found.toxicity}, not ${asked.toxicity}`];
}
