import { defineExperiment } from 'cutover';
import {
  type Audience,
  bearer,
  clientToken,
  expiredToken,
  forgedToken,
  serviceToken,
  wrongAudienceToken,
} from '../tokens.ts';

const headers = { authorization: '{{token}}' };
const proto = {
  protoPath: '../contracts/proto',
  protoFiles: ['cutover/v1/orders.proto', 'cutover/v1/pricing.proto', 'cutover/v1/ledger.proto'],
};
const BASKET = { customerId: 'boundary', lines: [{ sku: 'sku-1', quantity: 1 }], currency: 'EUR' };
const ENTRY = { account: 'boundary', amountMinor: 1, reference: 'boundary' };
const ID = '0'.repeat(32);

/** One that works, and each way in which one may be wrong. */
function tokens(audience: Audience, valid: string) {
  return {
    valid: bearer(valid).authorization,
    refused: {
      expired: bearer(expiredToken(audience)).authorization,
      'wrong-audience': bearer(wrongAudienceToken(audience)).authorization,
      forged: bearer(forgedToken(audience)).authorization,
    },
  };
}

const get = (url: string) => ({ http: { url, headers } });
const send = (method: 'POST' | 'PUT', url: string, body: object) => ({
  http: {
    method,
    url,
    headers: { ...headers, 'Idempotency-Key': '{{key}}' },
    body: { ...body } as Record<string, never>,
  },
});
const call = (address: string, method: string, message: object) => ({
  grpc: {
    address,
    ...proto,
    method: `cutover.v1.${method}`,
    message: { ...message } as Record<string, never>,
    metadata: headers,
  },
});

/** What both services serve, over both protocols. */
function common(service: 'monolith' | 'engine', caller: string) {
  const [http, grpc] = [`http://{{${service}.http}}`, `{{${service}.grpc}}`];
  return [
    { name: `${service}-quote-http`, caller, request: send('POST', `${http}/v1/quotes`, BASKET) },
    { name: `${service}-append-http`, caller, request: send('POST', `${http}/v1/ledger/entries`, ENTRY) },
    { name: `${service}-list-http`, caller, request: get(`${http}/v1/ledger/accounts/boundary/entries?limit=1`) },
    { name: `${service}-quote-grpc`, caller, request: call(grpc, 'Pricing/Quote', BASKET) },
    {
      name: `${service}-append-grpc`,
      caller,
      request: call(grpc, 'Ledger/Append', { ...ENTRY, idempotencyKey: '{{key}}' }),
    },
    { name: `${service}-list-grpc`, caller, request: call(grpc, 'Ledger/List', { account: 'boundary', limit: 1 }) },
    { name: `${service}-events`, caller, request: get(`${http}/v1/ledger/events?limit=1`) },
    { name: `${service}-reconciliation`, caller, request: get(`${http}/v1/ledger/reconciliation`) },
    { name: `${service}-hashes`, caller, request: get(`${http}/v1/ledger/hashes?prefix=${ID.slice(0, 4)}`) },
  ];
}

export default defineExperiment({
  version: 1,
  name: 'boundary',
  description:
    'Every endpoint of both services refuses who has no good token, also while the engine cannot be reached.',
  load: {
    env: { MIX: 'quote=100' },
    phases: [
      { name: 'warm-up', duration: '1s', rate: '20/s' },
      { name: 'steady', duration: '3s', rate: '40/s' },
    ],
  },
  drills: [
    {
      kind: 'boundary',
      rate: '10/s',
      traffic: { pricing: 'full', ledger: 'full' },
      tokens: {
        client: tokens('orders', clientToken()),
        service: tokens('engine', serviceToken('engine')),
        replication: tokens('orders-replication', serviceToken('orders-replication')),
      },
      endpoints: [
        ...common('monolith', 'client'),
        {
          name: 'monolith-order-http',
          caller: 'client',
          request: send('POST', 'http://{{monolith.http}}/v1/orders', BASKET),
        },
        {
          name: 'monolith-order-grpc',
          caller: 'client',
          request: call('{{monolith.grpc}}', 'Orders/PlaceOrder', { ...BASKET, idempotencyKey: '{{key}}' }),
        },
        { name: 'monolith-switch', caller: 'client', request: get('http://{{monolith.http}}/admin/switch') },
        {
          name: 'monolith-switch-set',
          caller: 'client',
          request: send('PUT', 'http://{{monolith.http}}/admin/switch/pricing', { mode: 'full', share: 100 }),
        },
        {
          name: 'monolith-kill-switch',
          caller: 'client',
          request: send('PUT', 'http://{{monolith.http}}/admin/kill-switch', { engaged: false }),
        },
        {
          name: 'monolith-replay',
          caller: 'client',
          request: send('POST', 'http://{{monolith.http}}/admin/replication/replay', {}),
        },
        {
          name: 'monolith-replication',
          caller: 'replication',
          request: send('POST', 'http://{{monolith.http}}/v1/replication/entries', { source: 'engine', events: [] }),
        },
        ...common('engine', 'service'),
        {
          name: 'engine-replication',
          caller: 'service',
          request: send('POST', 'http://{{engine.http}}/v1/replication/entries', { source: 'monolith', events: [] }),
        },
        {
          name: 'engine-replay',
          caller: 'service',
          request: send('POST', 'http://{{engine.http}}/admin/replication/replay', {}),
        },
      ],
      down: ['orders-pricing', 'orders-ledger'],
      for: '2s',
    },
  ],
  budgets: [{ name: 'nothing fails', kind: 'errors', phase: 'steady', atMost: '1%' }],
});
