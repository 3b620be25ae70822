import { EnvironmentError } from '../../lib/errors.ts';

/** A toxic of the Toxiproxy 2.12 API. Times are milliseconds; `downstream` acts on replies, `upstream` on requests. */
interface Toxic {
  readonly name: string;
  readonly type: 'latency';
  readonly stream: 'upstream' | 'downstream';
  /** Share of the connections that it acts on, drawn when they open. */
  readonly toxicity: number;
  readonly attributes: { readonly latency: number; readonly jitter: number };
}

export interface ProxyState {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly { readonly name: string; readonly type: string }[];
}

export type ProxyAddress = Pick<ProxyState, 'name' | 'listen' | 'upstream'>;

/** A call to Toxiproxy's API that did not do what it should. */
export class ToxiproxyError extends EnvironmentError {
  /** `rejected`: it answered with an error status; else there was no (whole) answer. */
  readonly reason: 'timeout' | 'unreachable' | 'rejected';
  readonly status: number | undefined;
  readonly body: string | undefined;

  constructor(
    reason: ToxiproxyError['reason'],
    message: string,
    details: { status?: number; body?: string; cause?: unknown } = {},
  ) {
    super(`toxiproxy-${reason}`, message, { cause: details.cause });
    this.reason = reason;
    this.status = details.status;
    this.body = details.body;
  }
}

export interface ToxiproxyClient {
  version(): Promise<string>;
  /** `listen` may have port 0; the state that is returned has the port that was chosen. */
  createProxy(address: ProxyAddress): Promise<ProxyState>;
  getProxy(name: string): Promise<ProxyState>;
  deleteProxy(name: string): Promise<void>;
  setEnabled(name: string, enabled: boolean): Promise<ProxyState>;
  addToxic(proxy: string, toxic: Toxic): Promise<void>;
  removeToxic(proxy: string, toxic: string): Promise<void>;
}

/**
 * A client for one server's API, "http://127.0.0.1:NNNN". Every call has a time limit, since removing a toxic and then
 * listing the proxies can hang for ever (Shopify/toxiproxy issue 558). Errors are ToxiproxyError.
 */
export function toxiproxyClient(baseUrl: string, timeoutMs = 2_000): ToxiproxyClient {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const what = `toxiproxy ${method} ${path}`;
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${baseUrl}${path}`, {
        method,
        // Its own name: the server refuses browsers, which it tells by their user agent.
        headers: { 'user-agent': 'cutover', 'content-type': 'application/json' },
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'TimeoutError') {
        throw new ToxiproxyError('timeout', `${what}: no answer in ${timeoutMs} ms`, { cause });
      }
      throw new ToxiproxyError('unreachable', `${what}: ${reasonOf(cause)}`, { cause });
    }
    if (!response.ok) {
      const { status } = response;
      throw new ToxiproxyError('rejected', `${what}: ${status} ${text.trim()}`, { status, body: text });
    }
    return text === '' ? undefined : parse(text, what);
  };
  return {
    version: async () => String(((await call('GET', '/version')) as { version?: unknown }).version),
    createProxy: async (address) => (await call('POST', '/proxies', { ...address, enabled: true })) as ProxyState,
    getProxy: async (name) => (await call('GET', proxyPath(name))) as ProxyState,
    deleteProxy: async (name) => void (await call('DELETE', proxyPath(name))),
    setEnabled: async (name, enabled) => (await call('POST', proxyPath(name), { enabled })) as ProxyState,
    addToxic: async (proxy, toxic) => void (await call('POST', `${proxyPath(proxy)}/toxics`, toxic)),
    removeToxic: async (proxy, toxic) =>
      void (await call('DELETE', `${proxyPath(proxy)}/toxics/${encodeURIComponent(toxic)}`)),
  };
}

/** One proxy of a server: what a fault is given to act on. */
export interface ToxiproxyProxy extends ProxyAddress {
  state(): Promise<ProxyState>;
  setEnabled(enabled: boolean): Promise<void>;
  addToxic(toxic: Toxic): Promise<void>;
  removeToxic(name: string): Promise<void>;
  /** Deletes the proxy with all its toxics and makes it anew at the same address; cuts its connections. */
  recreate(): Promise<void>;
  /** Whether its server's process has ended: nothing of it is in force any more. */
  gone(): boolean;
}

/** Creates a proxy; `address.listen` may have port 0. */
export async function createToxiproxyProxy(
  client: ToxiproxyClient,
  address: ProxyAddress,
  gone: () => boolean = () => false,
): Promise<ToxiproxyProxy> {
  const { name, listen, upstream } = await client.createProxy(address);
  return {
    name,
    listen,
    upstream,
    state: () => client.getProxy(name),
    setEnabled: async (enabled) => void (await client.setEnabled(name, enabled)),
    addToxic: (toxic) => client.addToxic(name, toxic),
    removeToxic: (toxic) => client.removeToxic(name, toxic),
    async recreate() {
      try {
        await client.deleteProxy(name);
      } catch (error) {
        // Deleted already: an earlier try may have got this far.
        if (!(error instanceof ToxiproxyError && error.status === 404)) throw error;
      }
      await client.createProxy({ name, listen, upstream });
    },
    gone,
  };
}

function proxyPath(name: string): string {
  return `/proxies/${encodeURIComponent(name)}`;
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ToxiproxyError('rejected', `${what}: answered with something that is no JSON`, { body: text, cause });
  }
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code || message : message;
}
