import { defineExperiment } from 'cutover';
import { bearer, clientToken, serviceToken } from '../tokens.ts';
import { history } from './history.ts';

/** So costly that it is a burst of them is in flight for some tenths of a second. */
const LONG_QUOTE = {
  customerId: 'drill',
  currency: 'EUR',
  lines: Array.from({ length: 100 }, (_, index) => ({ sku: `drill-${index}`, quantity: 1 })),
};

export default defineExperiment({
  version: 1,
  name: 'restore',
  description:
    'Services are stopped and killed under load: what is in flight is answered, what was acknowledged is there.',
  traffic: { pricing: 'off', ledger: { canary: 50 } },
  services: {
    monolith: { env: { PRICING_WORK: '120', REQUEST_TIMEOUT: '10s' } },
    engine: { env: { PRICING_WORK: '120' } },
  },
  load: {
    env: { MIX: 'append=100' },
    phases: [
      { name: 'warm-up', duration: '2s', rate: '30/s' },
      { name: 'steady', duration: '5s', rate: '60/s' },
      { name: 'lost-answers', duration: '4s', rate: '80/s' },
    ],
  },
  // The engine has stored it, the monolith does not know: it repeats with the same key.
  faults: [
    {
      kind: 'request-cut',
      edge: 'orders-ledger',
      operations: ['/cutover.v1.Ledger/Append'],
      share: '8%',
      during: 'lost-answers',
    },
  ],
  drills: [
    {
      kind: 'graceful-stop',
      services: [
        {
          service: 'monolith',
          request: {
            http: {
              method: 'POST',
              url: 'http://{{monolith.http}}/v1/quotes',
              headers: bearer(clientToken()),
              body: LONG_QUOTE,
            },
          },
        },
        {
          service: 'engine',
          request: {
            http: {
              method: 'POST',
              url: 'http://{{engine.http}}/v1/quotes',
              headers: bearer(serviceToken()),
              body: LONG_QUOTE,
            },
          },
        },
      ],
      rate: '20/s',
      copies: 20,
      over: '400ms',
    },
    {
      kind: 'restore',
      services: ['engine', 'monolith'],
      rate: '80/s',
      within: '5s',
      operation: 'ledger-append',
      under: '250ms',
    },
  ],
  budgets: [{ name: 'nothing fails in steady state', kind: 'errors', phase: 'steady', atMost: '0.1%' }],
  history,
});
