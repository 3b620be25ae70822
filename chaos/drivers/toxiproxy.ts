import { EnvironmentError } from '../../lib/errors.ts';

/**
 * A toxic of the Toxiproxy 2.12 API. `downstream` acts on replies, `upstream` on requests. Units: latency, jitter, delay and
 * timeout are milliseconds (a slicer's delay microseconds), rate KB/s, all others bytes; whole numbers only.
 */
export interface Toxic {
  readonly name: string;
  readonly stream: 'upstream' | 'downstream';
  /** Share of the connections that it acts on, drawn when they open. */
  readonly toxicity: number;
  readonly type: 'latency' | 'bandwidth' | 'slow_close' | 'timeout' | 'reset_peer' | 'slicer' | 'limit_data';
  readonly attributes: Readonly<Record<string, number>>;
}

export interface ProxyState {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly {
    readonly name: string;
    readonly type: string;
    readonly toxicity?: number;
    readonly attributes?: Readonly<Record<string, number>>;
  }[];
}

export type ProxyAddress = Pick<ProxyState, 'name' | 'listen' | 'upstream'>;

/** A call to Toxiproxy's API that did not do what it should. */
export class ToxiproxyError extends EnvironmentError {
  /** `rejected`: it answered with an error status; `unaddressable`: it was not asked; else there was no (whole) answer. */
  readonly reason: 'timeout' | 'unreachable' | 'rejected' | 'unaddressable';
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
  /** "http://127.0.0.1:NNNN" */
  readonly url: string;
  /** Whether nothing listened at its address when it was last called: the server has ended, and its faults with it. */
  refused(): boolean;
  version(): Promise<string>;
  listProxies(): Promise<readonly ProxyState[]>;
  /** `listen` may have port 0; the state that is returned has the port that was chosen. */
  createProxy(address: ProxyAddress): Promise<ProxyState>;
  getProxy(name: string): Promise<ProxyState>;
  deleteProxy(name: string): Promise<void>;
  setEnabled(name: string, enabled: boolean): Promise<ProxyState>;
  addToxic(proxy: string, toxic: Toxic): Promise<void>;
  /** Sets attributes and toxicity of one that is there. */
  updateToxic(proxy: string, toxic: Toxic): Promise<void>;
  removeToxic(proxy: string, toxic: string): Promise<void>;
}

/**
 * A client for one server's API, "http://127.0.0.1:NNNN". Every call has a time limit, since removing a toxic and then
 * listing the proxies can hang for ever (Shopify/toxiproxy issue 558). Errors are ToxiproxyError.
 */
export function toxiproxyClient(baseUrl: string, timeoutMs = 2_000): ToxiproxyClient {
  let refused = false;
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
      refused = false;
    } catch (cause) {
      refused = codeOf(cause) === 'ECONNREFUSED';
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
    url: baseUrl,
    refused: () => refused,
    listProxies: async () => Object.values((await call('GET', '/proxies')) as Record<string, ProxyState>),
    version: async () => String(((await call('GET', '/version')) as { version?: unknown }).version),
    createProxy: async (address) => {
      requireAddressable(address.name);
      return (await call('POST', '/proxies', { ...address, enabled: true })) as ProxyState;
    },
    getProxy: async (name) => (await call('GET', proxyPath(name))) as ProxyState,
    deleteProxy: async (name) => void (await call('DELETE', proxyPath(name))),
    setEnabled: async (name, enabled) => (await call('POST', proxyPath(name), { enabled })) as ProxyState,
    addToxic: async (proxy, toxic) => {
      requireAddressable(toxic.name);
      await call('POST', `${proxyPath(proxy)}/toxics`, toxic);
    },
    updateToxic: async (proxy, { name, toxicity, attributes }) =>
      void (await call('POST', toxicPath(proxy, name), { toxicity, attributes })),
    removeToxic: async (proxy, toxic) => void (await call('DELETE', toxicPath(proxy, toxic))),
  };
}

/** One proxy of a server: what a fault is given to act on. */
export interface ToxiproxyProxy extends ProxyAddress {
  /** URL of its server's API. */
  readonly api: string;
  /** Somebody else's: made anew only where no toxic of theirs would be lost. */
  readonly shared: boolean;
  state(): Promise<ProxyState>;
  setEnabled(enabled: boolean): Promise<void>;
  addToxic(toxic: Toxic): Promise<void>;
  updateToxic(toxic: Toxic): Promise<void>;
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
  return proxyOf(client, await client.createProxy(address), { shared: false, gone });
}

/**
 * A proxy that another process has made. `shared` holds the names of the caller's own toxics where the server is used by
 * others too: then one that is not there any more counts as free of faults, and is not brought back.
 */
export function attachToxiproxyProxy(
  client: ToxiproxyClient,
  address: ProxyAddress,
  shared?: ReadonlySet<string>,
): ToxiproxyProxy {
  const { name, listen, upstream } = address;
  const proxy = proxyOf(client, address, { shared: shared !== undefined, gone: () => client.refused() });
  const state = async (): Promise<ProxyState> => {
    try {
      return await proxy.state();
    } catch (error) {
      if (shared === undefined || !isMissing(error)) throw error;
      return { name, listen, upstream, enabled: true, toxics: [] };
    }
  };
  const recreate = async (): Promise<void> => {
    // A server that hangs would delete it later, when nobody is there to make it anew.
    await client.version();
    const others = shared === undefined ? [] : (await proxy.state()).toxics.filter((toxic) => !shared.has(toxic.name));
    if (others.length > 0) {
      const names = others.map((toxic) => toxic.name).join(', ');
      throw new EnvironmentError('shared-proxy', `the proxy is not made anew, since ${names} of others would be lost`);
    }
    await proxy.recreate();
  };
  return { ...proxy, state, recreate };
}

function proxyOf(
  client: ToxiproxyClient,
  { name, listen, upstream }: ProxyAddress,
  { shared, gone }: { readonly shared: boolean; readonly gone: () => boolean },
): ToxiproxyProxy {
  return {
    name,
    listen,
    upstream,
    api: client.url,
    shared,
    state: () => client.getProxy(name),
    setEnabled: async (enabled) => void (await client.setEnabled(name, enabled)),
    addToxic: (toxic) => client.addToxic(name, toxic),
    updateToxic: (toxic) => client.updateToxic(name, toxic),
    removeToxic: (toxic) => client.removeToxic(name, toxic),
    async recreate() {
      try {
        await client.deleteProxy(name);
      } catch (error) {
        // Deleted already: an earlier try may have got this far.
        if (!isMissing(error)) throw error;
      }
      await client.createProxy({ name, listen, upstream });
    },
    gone,
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof ToxiproxyError && error.status === 404;
}

function proxyPath(name: string): string {
  return `/proxies/${encodeURIComponent(requireAddressable(name))}`;
}

function toxicPath(proxy: string, toxic: string): string {
  return `${proxyPath(proxy)}/toxics/${encodeURIComponent(requireAddressable(toxic))}`;
}

/** The server makes proxies and toxics of any name, and then routes by the decoded path: these would be other paths. */
function requireAddressable(name: string): string {
  if (name !== '' && name !== '.' && name !== '..' && !name.includes('/') && name.isWellFormed()) return name;
  throw new ToxiproxyError('unaddressable', `toxiproxy could not be asked for the name ${JSON.stringify(name)} again`);
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ToxiproxyError('rejected', `${what}: answered with something that is no JSON`, { body: text, cause });
  }
}

function codeOf(error: unknown): string | undefined {
  const { cause } = error as Error;
  return cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code || message : message;
}
