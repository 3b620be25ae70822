import { defineExperiment } from 'cutover';
import { bearer, clientToken } from '../tokens.ts';

const authorization = bearer(clientToken());
const env = { OTLP_ENDPOINT: 'http://{{otlp.http}}' };
const grpc = {
  address: '{{monolith.grpc}}',
  protoPath: '../contracts/proto',
  protoFiles: ['cutover/v1/ledger.proto', 'cutover/v1/pricing.proto'],
  metadata: authorization,
};
const quote = { customerId: 'traced', lines: [{ sku: 'traced', quantity: 1 }], currency: 'EUR' };
/** Nobody has written it. */
const unknownEntry = '0'.repeat(32);
const services = ['monolith', 'engine'];

export default defineExperiment({
  version: 1,
  name: 'traces',
  description:
    'Each request is one trace from the client through Go into Rust, also where it is tried again, fails or is refused; failures are told of in both logs.',
  traffic: { pricing: 'full', ledger: 'full' },
  services: { monolith: { env }, engine: { env } },
  load: {
    phases: [
      { name: 'warm-up', duration: '2s', rate: '40/s' },
      { name: 'steady', duration: '10s', rate: '100/s' },
      { name: 'flaky', duration: '8s', rate: '100/s' },
      { name: 'broken', duration: '3s', rate: '100/s' },
      { name: 'after', duration: '2s', rate: '100/s' },
    ],
  },
  faults: [
    // Few enough that the breaker stays closed: calls are made again.
    {
      name: 'flaky-ledger',
      kind: 'request-fail',
      edge: 'orders-ledger',
      with: 'UNAVAILABLE',
      share: '15%',
      during: 'flaky',
    },
    // So many that it opens: calls are refused.
    { name: 'broken-ledger', kind: 'request-fail', edge: 'orders-ledger', with: 'UNAVAILABLE', during: 'broken' },
  ],
  traces: {
    sample: '80%',
    minRetried: 20,
    minFailed: 50,
    expect: [
      { operation: 'quote', services, phases: ['steady', 'flaky', 'broken', 'after'] },
      { operation: 'order-place', services, phases: ['steady', 'flaky', 'after'] },
      { operation: 'ledger-append', services, phases: ['steady', 'flaky', 'after'] },
      { operation: 'ledger-get', services, phases: ['steady', 'flaky', 'after'] },
    ],
    malformed: [
      { http: { method: 'POST', url: 'http://{{monolith.http}}/v1/quotes', headers: authorization, body: quote } },
      { grpc: { ...grpc, method: 'cutover.v1.Pricing/Quote', message: quote } },
    ],
    logs: {
      services,
      fields: ['time', 'level', 'msg', 'service', 'span_id', 'operation', 'protocol', 'code', 'duration_ms'],
      failing: [
        { http: { url: `http://{{monolith.http}}/v1/ledger/entries/${unknownEntry}`, headers: authorization } },
        { grpc: { ...grpc, method: 'cutover.v1.Ledger/Get', message: { id: unknownEntry } } },
      ],
    },
  },
  budgets: [{ name: 'nothing fails in steady state', kind: 'errors', phase: 'steady', atMost: '0.1%' }],
});
