/**
 * The operations of the reference system's order platform, over HTTP/JSON and gRPC alike: the same names, the same
 * requests, so that a budget for "quote" covers both or, with a protocol, one of them.
 */
import { numeric, optional, required } from './env.ts';
import { expectStatuses } from './expected-statuses.ts';
import { grpcChannel } from './grpc-channel.ts';
import { grpcOperation, grpcStream } from './grpc-operation.ts';
import { GRPC_STATUS } from './grpc-status.ts';
import { httpOperation } from './http-operation.ts';
import { type WriteOutcome, type WriteResult, isRefusal, recordRead, recordWrite, recording } from './ledger.ts';
import type { Outcome } from './outcomes.ts';
import { random } from './vu-random.ts';

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

/** Which contract a client was written against: one of the previous release knows nothing of what came later. */
export type Generation = 'current' | 'previous';

/** How an operation is called in the metrics, and on whose behalf; default: its own name, no tenant. */
export interface As {
  readonly name?: string;
  readonly tenant?: string;
}

/** One way to talk to the platform. Each call returns whether it succeeded; an append also gives its entry's id. */
export interface OrderPlatform {
  quote(customerId: string, lines: readonly Line[], as?: As): boolean;
  placeOrder(key: string, customerId: string, lines: readonly Line[], as?: As): boolean;
  appendEntry(key: string, account: string, amountMinor: number, as?: As): string | undefined;
  getEntry(id: string, as?: As): boolean;
  /** A server stream over gRPC, JSON lines over HTTP. */
  listEntries(account: string, limit: number, as?: As): Promise<boolean>;
}

interface Target {
  readonly token: string;
  readonly timeout: string;
  readonly generation: Generation;
}

/** Refused for sure, so that nothing was written; anything else that is no success may have been. */
function writeOutcome(outcome: Outcome, refused: boolean): WriteOutcome {
  if (outcome === 'ok') return 'acknowledged';
  return refused || outcome === 'rejected' ? 'refused' : 'indeterminate';
}

/** An order's ledger entry, as its acknowledgement tells it; only looked at where somebody wants to know. */
function entryOf(outcome: WriteOutcome, entry: () => unknown): WriteResult {
  if (!recording || outcome !== 'acknowledged') return { outcome };
  const { id, amountMinor } = entry() as { readonly id: string; readonly amountMinor: number | string };
  return { outcome, id, value: amountMinor };
}

/** Whether a read of one entry has shown it; undefined: it was not answered. */
function shown(outcome: Outcome, notFound: boolean): boolean | undefined {
  if (outcome === 'ok') return true;
  return notFound ? false : undefined;
}

const CURRENCY = 'EUR';
const SUCCESS = expectStatuses({ min: 200, max: 299 });
const NOT_FOUND = 404;
/** Statuses by which a gRPC server says that it has done nothing. */
const REFUSALS: readonly number[] = [
  GRPC_STATUS.invalidArgument,
  GRPC_STATUS.notFound,
  GRPC_STATUS.alreadyExists,
  GRPC_STATUS.permissionDenied,
  GRPC_STATUS.failedPrecondition,
  GRPC_STATUS.unauthenticated,
];

function quoteRequest(generation: Generation, customerId: string, lines: readonly Line[]) {
  return generation === 'current' ? { customerId, lines, currency: CURRENCY } : { customerId, lines };
}

/** A wrong answer is worse than none: it ends the iteration, and exceptions are counted. */
function checkCurrency(currency: unknown): void {
  if (currency !== CURRENCY) throw new Error(`a quote in ${CURRENCY} came back in ${JSON.stringify(currency)}`);
}

export function overHttp({ url, token, timeout, generation }: Target & { readonly url: string }): OrderPlatform {
  const send = (name: string, path: string, { tenant }: As, body?: object, key?: string) =>
    httpOperation(name, {
      method: body === undefined ? 'GET' : 'POST',
      url: `${url}${path}`,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeout,
      expected: SUCCESS,
      headers: {
        'Content-Type': 'application/json',
        ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
        ...(tenant === undefined ? {} : { 'X-Tenant-Id': tenant }),
        ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      },
    });
  return {
    quote(customerId, lines, as = {}) {
      const request = quoteRequest(generation, customerId, lines);
      const { outcome, response } = send(as.name ?? 'quote', '/v1/quotes', as, request);
      if (outcome === 'ok' && generation === 'current') checkCurrency(response.json('currency'));
      return outcome === 'ok';
    },
    placeOrder: (key, customerId, lines, as = {}) => {
      const write = { kind: 'order', key, account: customerId, operation: 'order-place over http' };
      const { outcome } = recordWrite(write, () => {
        const { outcome: told, response } = send(
          as.name ?? 'order-place',
          '/v1/orders',
          as,
          { customerId, lines },
          key,
        );
        return entryOf(writeOutcome(told, isRefusal(response.status)), () => response.json('entry'));
      });
      return outcome === 'acknowledged';
    },
    appendEntry(key, account, amountMinor, as = {}) {
      const body = { account, amountMinor, reference: 'load' };
      const operation = 'ledger-append over http';
      return recordWrite({ kind: 'ledger-entry', key, account, value: amountMinor, operation }, () => {
        const reply = send(as.name ?? 'ledger-append', '/v1/ledger/entries', as, body, key);
        const outcome = writeOutcome(reply.outcome, isRefusal(reply.response.status));
        return { outcome, id: outcome === 'acknowledged' ? (reply.response.json('id') as string) : undefined };
      }).id;
    },
    getEntry: (id, as = {}) =>
      recordRead({ kind: 'ledger-entry', id }, () => {
        const { outcome, response } = send(as.name ?? 'ledger-get', `/v1/ledger/entries/${id}`, as);
        return { seen: shown(outcome, response.status === NOT_FOUND) };
      }).seen === true,
    listEntries: async (account, limit, as = {}) =>
      send(as.name ?? 'ledger-list', `/v1/ledger/accounts/${account}/entries?limit=${limit}`, as).outcome === 'ok',
  };
}

/** Must be called in k6's init stage, which reads the contracts. */
export function overGrpc(target: Target & { readonly address: string; readonly protoPath: string }): OrderPlatform {
  const { address, token, timeout, protoPath, generation } = target;
  const protoFiles = ['orders', 'pricing', 'ledger'].map((file) => `cutover/v1/${file}.proto`);
  const channel = grpcChannel({ address, protoPath, protoFiles, plaintext: true, timeout });
  const call = (method: string, message: object, { tenant }: As) => ({
    method: `cutover.v1.${method}`,
    message,
    timeout,
    metadata: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(tenant === undefined ? {} : { 'x-tenant-id': tenant }),
    },
  });
  const invoke = (name: string, method: string, message: object, as: As) =>
    grpcOperation(channel, name, call(method, message, as));
  return {
    quote(customerId, lines, as = {}) {
      const request = quoteRequest(generation, customerId, lines);
      const { outcome, message } = invoke(as.name ?? 'quote', 'Pricing/Quote', request, as);
      if (outcome === 'ok' && generation === 'current') checkCurrency(message['currency']);
      return outcome === 'ok';
    },
    placeOrder: (idempotencyKey, customerId, lines, as = {}) => {
      const write = { kind: 'order', key: idempotencyKey, account: customerId, operation: 'order-place over grpc' };
      const { outcome } = recordWrite(write, () => {
        const body = { idempotencyKey, customerId, lines };
        const { outcome: told, status, message } = invoke(as.name ?? 'order-place', 'Orders/PlaceOrder', body, as);
        return entryOf(writeOutcome(told, REFUSALS.includes(status)), () => message['entry']);
      });
      return outcome === 'acknowledged';
    },
    appendEntry(idempotencyKey, account, amountMinor, as = {}) {
      const message = { idempotencyKey, account, amountMinor, reference: 'load' };
      const operation = 'ledger-append over grpc';
      const write = { kind: 'ledger-entry', key: idempotencyKey, account, value: amountMinor, operation };
      return recordWrite(write, () => {
        const reply = invoke(as.name ?? 'ledger-append', 'Ledger/Append', message, as);
        const outcome = writeOutcome(reply.outcome, REFUSALS.includes(reply.status));
        return { outcome, id: outcome === 'acknowledged' ? (reply.message['id'] as string) : undefined };
      }).id;
    },
    getEntry: (id, as = {}) =>
      recordRead({ kind: 'ledger-entry', id }, () => {
        const { outcome, status } = invoke(as.name ?? 'ledger-get', 'Ledger/Get', { id }, as);
        return { seen: shown(outcome, status === GRPC_STATUS.notFound) };
      }).seen === true,
    listEntries: async (account, limit, as = {}) => {
      const reply = await grpcStream(channel, as.name ?? 'ledger-list', call('Ledger/List', { account, limit }, as));
      return reply.outcome === 'ok';
    },
  };
}

/**
 * The platform that the environment names, over both protocols; each call of the returned function picks one of them.
 *
 *   HTTP_URL, GRPC_ADDRESS  where the platform is
 *   API_TOKEN               bearer token, if it wants one
 *   GRPC_SHARE              0–1, share of iterations over gRPC (0.5)
 *   REQUEST_TIMEOUT         when a client gives up (5s)
 *   PROTO_PATH              folder of the .proto files, relative to the scenario (../services/contracts/proto);
 *                           PREVIOUS_PROTO_PATH of those of the previous release
 */
export function platformsFromEnv(
  defaults: { readonly generation?: Generation; readonly timeout?: string } = {},
): () => OrderPlatform {
  const { generation = 'current' } = defaults;
  const token = optional('API_TOKEN', '');
  const timeout = optional('REQUEST_TIMEOUT', defaults.timeout ?? '5s');
  const grpcShare = numeric('GRPC_SHARE', 0.5, 0, 1);
  const contracts = generation === 'current' ? '../services/contracts/proto' : '../services/contracts/previous/proto';
  const protoPath =
    generation === 'current' ? optional('PROTO_PATH', contracts) : optional('PREVIOUS_PROTO_PATH', contracts);
  const http = overHttp({ url: required('HTTP_URL'), token, timeout, generation });
  const grpcPlatform = overGrpc({ address: required('GRPC_ADDRESS'), token, timeout, protoPath, generation });
  return () => (random() < grpcShare ? grpcPlatform : http);
}
