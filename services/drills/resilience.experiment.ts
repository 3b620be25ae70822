import { defineExperiment } from 'cutover';
import { authorization } from './cutover.config.ts';

/**
 * The breakers are out of the way: retries, deadlines and keys must hold by themselves. Calls may take long, so that a
 * client that goes away is what ends them.
 */
const env = { BREAKER_THRESHOLD: '1000000', PRICING_TIMEOUT: '5s', LEDGER_TIMEOUT: '5s', REQUEST_TIMEOUT: '6s' };

const proto = { protoPath: '../contracts/proto', protoFiles: ['cutover/v1/ledger.proto', 'cutover/v1/pricing.proto'] };
const grpc = { address: '{{monolith.grpc}}', ...proto, metadata: authorization };
const LINES = [{ sku: 'drill', quantity: 1 }];
const entry = { account: '{{account}}', amountMinor: 100, reference: 'drill' };

const appends = {
  grpc: {
    edge: 'orders-ledger',
    calls: ['/cutover.v1.Ledger/Append'] as string[],
    write: { grpc: { ...grpc, method: 'cutover.v1.Ledger/Append', message: { ...entry, idempotencyKey: '{{key}}' } } },
    effects: {
      grpc: { ...grpc, method: 'cutover.v1.Ledger/List', message: { account: '{{account}}', limit: 100 } },
    },
  },
  http: {
    edge: 'orders-ledger-http',
    calls: ['POST /v1/ledger/entries'] as string[],
    write: {
      http: {
        method: 'POST',
        url: 'http://{{monolith-http.http}}/v1/ledger/entries',
        headers: { ...authorization, 'Idempotency-Key': '{{key}}' },
        body: entry,
      },
    },
    effects: {
      http: {
        url: 'http://{{monolith-http.http}}/v1/ledger/accounts/{{account}}/entries?limit=100',
        headers: authorization,
      },
    },
  },
} as const;

export default defineExperiment({
  version: 1,
  name: 'resilience',
  description: 'Retries, cancellation, idempotency and readiness of the reference system, over gRPC and HTTP.',
  traffic: { pricing: 'full', ledger: 'full', 'pricing-http': 'full', 'ledger-http': 'full' },
  services: { monolith: { env }, 'monolith-http': { env } },
  load: {
    env: { MIX: 'quote=100' },
    phases: [
      { name: 'warm-up', duration: '2s', rate: '60/s' },
      { name: 'steady', duration: '5s', rate: '100/s' },
    ],
  },
  drills: [
    {
      kind: 'retry',
      on: [
        { edge: 'orders-pricing', operation: 'quote', protocol: 'grpc', calls: ['/cutover.v1.Pricing/Quote'] },
        { edge: 'orders-pricing-http', operation: 'quote', protocol: 'http', calls: ['POST /v1/quotes'] },
      ],
      // One retry for each ten calls, and ten at once.
      budget: '120%',
      outage: '5s',
      heal: '5s',
    },
    {
      kind: 'cancellation',
      rate: '2/s',
      on: [
        {
          edge: 'orders-pricing',
          calls: ['/cutover.v1.Pricing/Quote'],
          request: {
            grpc: {
              ...grpc,
              method: 'cutover.v1.Pricing/Quote',
              message: { customerId: 'drill', lines: LINES, currency: 'EUR' },
            },
          },
        },
        {
          edge: 'orders-pricing-http',
          calls: ['POST /v1/quotes'],
          request: {
            http: {
              method: 'POST',
              url: 'http://{{monolith-http.http}}/v1/quotes',
              headers: authorization,
              body: { customerId: 'drill', lines: LINES, currency: 'EUR' },
            },
          },
        },
      ],
    },
    {
      kind: 'idempotency',
      rate: '2/s',
      on: [
        // The sequence is the store's own.
        { ...appends.grpc, ignore: [] },
        { ...appends.http, ignore: [] },
      ],
      restart: ['engine', 'engine-http'],
      versions: [
        { ledger: 'off', 'ledger-http': 'off' },
        { ledger: 'full', 'ledger-http': 'full' },
      ],
    },
    {
      kind: 'readiness',
      rate: '2/s',
      on: [
        {
          edge: 'orders-ledger',
          service: 'monolith',
          ready: { grpc: '{{monolith.grpc}}' },
          live: { http: 'http://{{monolith.http}}/livez' },
        },
        {
          edge: 'orders-ledger-http',
          service: 'monolith-http',
          ready: { http: 'http://{{monolith-http.http}}/readyz' },
          live: { http: 'http://{{monolith-http.http}}/livez' },
        },
      ],
      period: '1s',
      threshold: 3,
    },
  ],
  budgets: [
    { name: 'requests are fast', kind: 'latency', phase: 'steady', under: '100ms', atLeast: '97%' },
    { name: 'nothing fails', kind: 'errors', phase: 'steady', atMost: '0.1%' },
  ],
});
