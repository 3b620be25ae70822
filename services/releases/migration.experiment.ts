import { defineExperiment } from 'cutover';
import { bearer, clientToken, serviceToken } from '../tokens.ts';

const client = bearer(clientToken());
const service = bearer(serviceToken());

/** The log of a ledger, in the order in which entries were stored there. */
const log = (name: 'monolith' | 'engine', headers: Readonly<Record<string, string>>) => ({
  name,
  request: {
    http: { url: `http://{{${name}.http}}/v1/ledger/events?after={{after}}&limit=2000`, headers },
  },
  position: '/position',
  id: '/entry/id',
  key: '/entry/account',
  origin: '/entry/storedBy',
  // The sequence and the balance are each store's own; of what was written to both, so are the time and who stored it.
  fields: ['/entry/account', '/entry/amountMinor', '/entry/reference'],
});

const outboxOf = (name: 'monolith' | 'engine', headers: Readonly<Record<string, string>>) => ({
  read: { url: `http://{{${name}.http}}/v1/ledger/reconciliation`, headers, pointer: '/outbox' },
  equals: 0,
});

export default defineExperiment({
  version: 1,
  name: 'migration',
  description:
    'Two ledgers that tell each other of every entry: the same rows on both, also when each is killed in between.',
  // Written to both first, then moving: half of the accounts here, half there, and each change told to the other side.
  traffic: { pricing: 'full', ledger: 'dual' },
  load: {
    // Few accounts: their order is at stake.
    env: { MIX: 'append=100', CUSTOMERS: '20' },
    phases: [
      { name: 'warm-up', duration: '2s', rate: '30/s' },
      { name: 'steady', duration: '5s', rate: '80/s' },
      { name: 'moving', duration: '2s', rate: '80/s', traffic: { ledger: { canary: 50 } } },
    ],
  },
  drills: [
    {
      kind: 'migration',
      rate: '80/s',
      source: log('engine', service),
      target: log('monolith', client),
      kill: ['engine', 'monolith'],
      lag: { edges: ['engine-replication', 'monolith-replication'], by: '300ms' },
      settled: [outboxOf('engine', service), outboxOf('monolith', client)],
      within: '4s',
      replay: [
        { method: 'POST', url: 'http://{{engine.http}}/admin/replication/replay', headers: service },
        { method: 'POST', url: 'http://{{monolith.http}}/admin/replication/replay', headers: client },
      ],
    },
  ],
  budgets: [{ name: 'nothing fails in steady state', kind: 'errors', phase: 'steady', atMost: '0.1%' }],
});
