import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { formatAddress, parseAddress } from './address.ts';
import type { TappedEdge } from './edge.ts';
import { http1Conversation } from './http1/conversation.ts';
import { http2Conversation } from './http2/conversation.ts';
import { type Conversation, type Link, openLink } from './link.ts';

/** Where callers connect to. */
export interface EdgeServer {
  /** "host:port", with the port that was chosen. */
  readonly listen: string;
  /** No new connections; those that are open go on. */
  close(): void;
}

/** Listens for the callers of an edge. Fails as `listen` does, for example when the port is taken. */
export async function serveEdge(edge: TappedEdge): Promise<EdgeServer> {
  const { options, upstream } = edge;
  const address = parseAddress(options.listen);
  if (address === undefined) throw new Error(`no address: ${options.listen}`);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (caller) => {
    openLink(caller, upstream, (link) => converse(edge, link));
  });
  server.listen({ ...address, backlog: 1024 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { listen: formatAddress({ host: address.host, port }), close: () => void server.close() };
}

function converse(edge: TappedEdge, link: Link): Conversation {
  const { protocol } = edge.options;
  switch (protocol) {
    case 'http':
      return http1Conversation(edge, link);
    case 'grpc':
      return http2Conversation(edge, link);
    default:
      return protocol satisfies never;
  }
}
