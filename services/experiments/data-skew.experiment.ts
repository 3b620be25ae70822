import { defineExperiment } from 'cutover';

const rate = '150/s';
const duration = '12s';

/** Equal load, other data: what real data do to locks, caches and queues that uniform test data never show. */
export default defineExperiment({
  version: 1,
  name: 'data-skew',
  description:
    'The same rate with Zipf keys, one hot key, and baskets of very different sizes: as fast as with even data.',
  traffic: { pricing: 'full', ledger: 'full' },
  load: {
    scenario: '../../scenarios/data-skew.ts',
    phases: [
      { name: 'warm-up', duration: '4s', rate: '40/s' },
      { name: 'steady', duration: '18s', rate, env: { KEYS: 'uniform', ACCOUNTS: 'uniform', PAYLOAD: 'fixed:3' } },
      { name: 'zipf', duration, rate, env: { KEYS: 'zipf:1.1', ACCOUNTS: 'zipf:1.1', PAYLOAD: 'fixed:3' } },
      { name: 'hot-key', duration, rate, env: { KEYS: 'hot:0.9', ACCOUNTS: 'hot:0.9', PAYLOAD: 'fixed:3' } },
      { name: 'sizes', duration, rate, env: { KEYS: 'uniform', ACCOUNTS: 'uniform', PAYLOAD: 'pareto:1.5,1-60' } },
    ],
  },
  budgets: [
    { name: 'quotes are fast', kind: 'latency', operation: 'quote', phase: 'steady', under: '50ms', atLeast: '99%' },
    { name: 'nothing fails', kind: 'errors', phase: 'steady', atMost: '0.1%' },
    ...(['zipf', 'hot-key', 'sizes'] as const).flatMap((phase) => [
      {
        name: `${phase}: quotes as fast as with even data`,
        catalogue: 'SKEW-1',
        kind: 'latency-rise' as const,
        operation: 'quote',
        phase,
        against: 'steady',
        atMost: '150%',
        slack: '5ms',
      },
      { name: `${phase}: nothing fails`, kind: 'errors' as const, phase, atMost: '0.1%' },
    ]),
  ],
});
