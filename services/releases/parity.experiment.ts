import { defineExperiment } from 'cutover';
import { bearer, clientToken, serviceToken } from '../tokens.ts';

const proto = { protoPath: '../contracts/proto', protoFiles: ['cutover/v1/ledger.proto', 'cutover/v1/pricing.proto'] };
const headers = { authorization: '{{token}}' };
const grpc = { address: '{{grpc}}', ...proto, metadata: headers };

const values = {
  customer: { text: 'customer-{}', from: 1, to: 1_000 },
  sku: { text: 'sku-{}', from: 1, to: 5_000 },
  quantity: { from: 1, to: 300 },
  otherSku: { text: 'sku-{}', from: 1, to: 5_000 },
  otherQuantity: { from: 1, to: 2_000 },
  currency: { of: ['EUR'] },
};
const basket = {
  customerId: '{{customer}}',
  lines: [
    { sku: '{{sku}}', quantity: '{{quantity}}' },
    { sku: '{{otherSku}}', quantity: '{{otherQuantity}}' },
  ],
  currency: '{{currency}}',
};
/** None of these may be quoted. */
const refused = { ...values, quantity: { of: [0, 10_001] }, currency: { of: ['EUR', 'USD'] } };

const entry = { account: '{{account}}', amountMinor: '{{amount}}', reference: 'parity' };
const amount = { amount: { from: 1, to: 100_000 } };
/** What names the entry, when it came to be and where. */
const ownOfEntry = ['/id', '/account', '/committedAtMs', '/storedBy'];

export default defineExperiment({
  version: 1,
  name: 'parity',
  description: 'The Rust engine answers as the Go monolith does, field by field, over gRPC and HTTP.',
  load: {
    env: { MIX: 'quote=100' },
    phases: [
      { name: 'warm-up', duration: '1s', rate: '20/s' },
      { name: 'steady', duration: '3s', rate: '40/s' },
    ],
  },
  drills: [
    {
      kind: 'parity',
      rate: '5/s',
      pace: '500/s',
      // Each answers by itself.
      traffic: { pricing: 'off', ledger: 'off' },
      baseline: {
        http: 'http://{{monolith.http}}',
        grpc: '{{monolith.grpc}}',
        token: bearer(clientToken()).authorization,
      },
      candidate: {
        http: 'http://{{engine.http}}',
        grpc: '{{engine.grpc}}',
        token: bearer(serviceToken()).authorization,
      },
      requests: [
        {
          name: 'quote-grpc',
          request: { grpc: { ...grpc, method: 'cutover.v1.Pricing/Quote', message: basket } },
          values,
          ignore: ['/servedBy'],
        },
        {
          name: 'quote-http',
          request: { http: { method: 'POST', url: '{{http}}/v1/quotes', headers, body: basket } },
          values,
          ignore: ['/servedBy'],
          atMost: '0.5%',
        },
        {
          name: 'refused-quote-grpc',
          request: { grpc: { ...grpc, method: 'cutover.v1.Pricing/Quote', message: basket } },
          values: refused,
          expect: 'failure',
          atMost: '1%',
        },
        {
          name: 'refused-quote-http',
          request: { http: { method: 'POST', url: '{{http}}/v1/quotes', headers, body: basket } },
          values: refused,
          expect: 'failure',
          // How it is put is not part of the contract.
          ignore: ['/error/message'],
          atMost: '1%',
        },
        {
          name: 'append-grpc',
          request: {
            grpc: { ...grpc, method: 'cutover.v1.Ledger/Append', message: { ...entry, idempotencyKey: '{{key}}' } },
          },
          values: amount,
          ignore: ownOfEntry,
          atMost: '1%',
        },
        {
          name: 'append-http',
          request: {
            http: {
              method: 'POST',
              url: '{{http}}/v1/ledger/entries',
              headers: { ...headers, 'Idempotency-Key': '{{key}}' },
              body: entry,
            },
          },
          values: amount,
          ignore: ownOfEntry,
          atMost: '1%',
        },
      ],
    },
  ],
  budgets: [{ name: 'nothing fails', kind: 'errors', phase: 'steady', atMost: '1%' }],
});
