import { defineExperiment } from 'cutover';

export default defineExperiment({
  version: 1,
  name: 'mixed-clients',
  description: 'Clients of the previous contract and of the present one together: both are served well.',
  traffic: { pricing: 'full', ledger: 'full' },
  load: {
    scenario: '../../scenarios/mixed-clients.ts',
    env: { PREVIOUS_SHARE: '0.5' },
    phases: [
      { name: 'warm-up', duration: '4s', rate: '40/s' },
      { name: 'steady', duration: '15s', rate: '100/s' },
    ],
  },
  budgets: [
    {
      name: 'new clients are fast',
      kind: 'latency',
      operation: 'quote',
      phase: 'steady',
      under: '50ms',
      atLeast: '99%',
    },
    {
      name: 'old clients are fast',
      kind: 'latency',
      operation: 'quote-previous',
      phase: 'steady',
      under: '50ms',
      atLeast: '99%',
    },
    { name: 'nothing fails', kind: 'errors', phase: 'steady', atMost: '0.1%' },
  ],
});
