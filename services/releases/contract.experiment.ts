import { defineExperiment } from 'cutover';
import { bearer, clientToken, serviceToken } from '../tokens.ts';

const LINES = [{ sku: 'sku-1', quantity: 12 }];
const monolith = { http: 'http://{{monolith.http}}', grpc: '{{monolith.grpc}}', headers: bearer(clientToken()) };
const entryFields = ['/id', '/account', '/amountMinor', '/sequence', '/balanceMinor', '/committedAtMs', '/storedBy'];

/** Only for operators, who set it. */
const newMode = ['GET /admin/switch', 'PUT /admin/switch/{capability}', 'PUT /admin/kill-switch'].flatMap((operation) =>
  ['pricing', 'ledger'].map((name) => `values-changed ${operation} response 200 /capabilities/${name}/mode`),
);

export default defineExperiment({
  version: 1,
  name: 'contract',
  description:
    'Clients of the previous release, over HTTP and gRPC, against the monolith, the engine, and the two together.',
  load: {
    env: { MIX: 'quote=100' },
    phases: [
      { name: 'warm-up', duration: '1s', rate: '20/s' },
      { name: 'steady', duration: '3s', rate: '40/s' },
    ],
  },
  drills: [
    {
      kind: 'contract',
      rate: '5/s',
      openapi: {
        previous: '../contracts/previous/openapi.yaml',
        current: '../contracts/openapi.yaml',
        calls: [
          { operation: 'quote' },
          { operation: 'ledger-append', values: { 'Idempotency-Key': '{{key}}', account: '{{account}}' } },
          { operation: 'ledger-get', values: { id: '{{ledger-append#/id}}' } },
          { operation: 'ledger-list', values: { account: '{{ledger-append#/account}}' } },
          { operation: 'order-place', values: { 'Idempotency-Key': '{{key}}' } },
          { operation: 'order-get', values: { id: '{{order-place#/id}}' } },
          { operation: 'ready' },
        ],
        allow: newMode,
      },
      proto: {
        previous: '../contracts/previous/proto',
        current: '../contracts/proto',
        files: ['cutover/v1/orders.proto', 'cutover/v1/pricing.proto', 'cutover/v1/ledger.proto'],
        calls: [
          {
            method: 'cutover.v1.Pricing/Quote',
            message: { customerId: 'customer-1', lines: LINES },
            filled: [
              '/netMinor',
              '/taxMinor',
              '/totalMinor',
              '/currency',
              '/servedBy',
              '/lines/*/unitMinor',
              '/lines/*/netMinor',
            ],
          },
          {
            method: 'cutover.v1.Ledger/Append',
            message: { idempotencyKey: '{{key}}', account: '{{account}}', amountMinor: 100 },
            filled: entryFields,
          },
          { method: 'cutover.v1.Ledger/Get', message: { id: '{{cutover.v1.Ledger/Append#/id}}' }, filled: entryFields },
          {
            method: 'cutover.v1.Ledger/List',
            message: { account: '{{cutover.v1.Ledger/Append#/account}}' },
            filled: entryFields,
          },
          {
            method: 'cutover.v1.Orders/PlaceOrder',
            message: { idempotencyKey: '{{key}}', customerId: 'customer-1', lines: LINES },
            filled: ['/id', '/customerId', '/quote/totalMinor', '/entry/id', '/createdAtMs'],
          },
          {
            method: 'cutover.v1.Orders/GetOrder',
            message: { id: '{{cutover.v1.Orders/PlaceOrder#/id}}' },
            filled: ['/id', '/quote/totalMinor', '/entry/id'],
          },
        ],
      },
      targets: [
        { name: 'monolith', ...monolith, traffic: { pricing: 'off', ledger: 'off' } },
        {
          name: 'engine',
          http: 'http://{{engine.http}}',
          grpc: '{{engine.grpc}}',
          headers: bearer(serviceToken()),
          only: [
            'quote',
            'ledger-append',
            'ledger-get',
            'ledger-list',
            'ready',
            'cutover.v1.Pricing/Quote',
            'cutover.v1.Ledger/Append',
            'cutover.v1.Ledger/Get',
            'cutover.v1.Ledger/List',
          ],
        },
        // The monolith's front door, the engine behind it.
        { name: 'both', ...monolith, traffic: { pricing: 'full', ledger: 'full' } },
      ],
    },
  ],
  budgets: [{ name: 'nothing fails', kind: 'errors', phase: 'steady', atMost: '1%' }],
});
