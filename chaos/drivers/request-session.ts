import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Client } from '@grpc/grpc-js';

const MOST_CONNECTIONS = 64;

/**
 * Connections that many requests share, for drills that send thousands: a connection for each would be most of the work.
 * Disposing of it closes them.
 */
export class RequestSession implements Disposable {
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
  readonly #clients = new Map<string, Client>();
  readonly #methods = new Map<string, Promise<unknown>>();

  agent(url: string): HttpAgent {
    return url.startsWith('https:') ? this.#https : this.#http;
  }

  /** The address's client; made when it is asked for first. */
  client(address: string, make: () => Client): Client {
    const client = this.#clients.get(address) ?? make();
    this.#clients.set(address, client);
    return client;
  }

  /** What a contract says of a call; read when it is asked for first. */
  async method<Method>(name: string, read: () => Promise<Method>): Promise<Method> {
    const method = this.#methods.get(name) ?? read();
    this.#methods.set(name, method);
    return (await method) as Method;
  }

  [Symbol.dispose](): void {
    this.#http.destroy();
    this.#https.destroy();
    for (const client of this.#clients.values()) client.close();
  }
}
