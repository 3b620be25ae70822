/**
 * The operations of the reference system's order platform, over HTTP/JSON and gRPC alike: the same names, the same
 * requests, so that a budget for "quote" covers both or, with a protocol, one of them.
 */
import http, { type RefinedParams, type ResponseType } from 'k6/http';
import grpc from 'k6/net/grpc';

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

/** One way to talk to the platform. Each call returns whether it succeeded; a write also gives its entry's id. */
export interface OrderPlatform {
  quote(customerId: string, lines: readonly Line[]): boolean;
  placeOrder(key: string, customerId: string, lines: readonly Line[]): boolean;
  appendEntry(key: string, account: string, amountMinor: number): string | undefined;
  getEntry(id: string): boolean;
}

interface HttpTarget {
  readonly url: string;
  readonly token: string;
  readonly timeout: string;
}

export function overHttp({ url, token, timeout }: HttpTarget): OrderPlatform {
  const params = (name: string, key?: string): RefinedParams<ResponseType> => ({
    timeout,
    tags: { name },
    headers: {
      'Content-Type': 'application/json',
      ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      traceparent: newTraceparent(),
    },
  });
  const ok = (status: number) => status >= 200 && status < 300;
  return {
    quote: (customerId, lines) =>
      ok(http.post(`${url}/v1/quotes`, JSON.stringify({ customerId, lines }), params('quote')).status),
    placeOrder: (key, customerId, lines) =>
      ok(http.post(`${url}/v1/orders`, JSON.stringify({ customerId, lines }), params('order-place', key)).status),
    appendEntry(key, account, amountMinor) {
      const body = JSON.stringify({ account, amountMinor, reference: 'load' });
      const response = http.post(`${url}/v1/ledger/entries`, body, params('ledger-append', key));
      return ok(response.status) ? (response.json('id') as string) : undefined;
    },
    getEntry: (id) => ok(http.get(`${url}/v1/ledger/entries/${id}`, params('ledger-get')).status),
  };
}

interface GrpcTarget {
  readonly address: string;
  readonly token: string;
  readonly timeout: string;
  /** Folder of the .proto files, relative to the scenario. */
  readonly protoPath: string;
}

/** Must be called in k6's init stage (it reads the contracts); the connection is made by the first call. */
export function overGrpc({ address, token, timeout, protoPath }: GrpcTarget): OrderPlatform {
  const client = new grpc.Client();
  client.load([protoPath], 'cutover/v1/orders.proto', 'cutover/v1/pricing.proto', 'cutover/v1/ledger.proto');
  let connected = false;
  const invoke = (name: string, method: string, message: object) => {
    if (!connected) {
      client.connect(address, { plaintext: true, timeout });
      connected = true;
    }
    const metadata = { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), traceparent: newTraceparent() };
    const response = client.invoke(`cutover.v1.${method}`, message, { metadata, timeout, tags: { name } });
    return { ok: response.status === grpc.StatusOK, message: response.message as Record<string, unknown> };
  };
  return {
    quote: (customerId, lines) => invoke('quote', 'Pricing/Quote', { customerId, lines }).ok,
    placeOrder: (idempotencyKey, customerId, lines) =>
      invoke('order-place', 'Orders/PlaceOrder', { idempotencyKey, customerId, lines }).ok,
    appendEntry(idempotencyKey, account, amountMinor) {
      const request = { idempotencyKey, account, amountMinor, reference: 'load' };
      const { ok, message } = invoke('ledger-append', 'Ledger/Append', request);
      return ok ? (message['id'] as string) : undefined;
    },
    getEntry: (id) => invoke('ledger-get', 'Ledger/Get', { id }).ok,
  };
}

/** W3C trace context: a new trace with the sampled flag for each request. */
function newTraceparent(): string {
  return `00-${hex(32)}-${hex(16)}-01`;
}

function hex(digits: number): string {
  let text = '';
  while (text.length < digits)
    text += Math.floor(Math.random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  return text;
}
