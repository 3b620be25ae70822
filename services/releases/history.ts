import type { ExperimentInput } from 'cutover';
import { bearer, clientToken, serviceToken } from '../tokens.ts';

type Name = 'monolith' | 'engine';
const headers = { monolith: bearer(clientToken()), engine: bearer(serviceToken()) };

/** A ledger's log of events: every entry in the order in which it was stored there. */
const eventsOf = (name: Name) => ({
  read: {
    http: {
      url: `http://{{${name}.http}}/v1/ledger/events?after={{after}}&limit={{limit}}`,
      headers: headers[name],
    },
  },
  paging: { after: '/position', limit: 5_000 },
  fields: {
    id: '/entry/id',
    account: '/entry/account',
    value: '/entry/amountMinor',
    order: '/position',
    // Each ledger tells its entries in their order; how the two are merged is nobody's promise.
    source: '/entry/storedBy',
  },
});

const idOf = (prefix: string) => ({ identity: { hash: 'sha256' as const, prefix, bytes: 16 } });

/**
 * Every write to the ledger, and every order's entry, against both ledgers after the load, once they have told each other
 * everything: `api` is what clients see, `candidate` what they would see of the engine.
 */
export const history: NonNullable<ExperimentInput['history']> = {
  writes: { 'ledger-entry': idOf('entry:'), order: idOf('entry:order-entry:') },
  settle: (['monolith', 'engine'] as const).map((name) => ({
    url: `http://{{${name}.http}}/v1/ledger/reconciliation`,
    headers: headers[name],
    pointer: '/outbox',
    equals: 0,
  })),
  settleWithin: '15s',
  finals: { api: eventsOf('monolith'), candidate: eventsOf('engine') },
};
