import { defineExperiment } from 'cutover';

export default defineExperiment({
  version: 1,
  name: 'spike',
  description: 'Five times the load from one second to the next: nothing fails, and all is well again at once.',
  traffic: { pricing: 'full', ledger: 'full' },
  load: {
    scenario: '../../scenarios/spike.ts',
    phases: [
      { name: 'steady', duration: '12s', rate: '60/s' },
      { name: 'spike', duration: '6s', rate: '300/s' },
      { name: 'recovery', duration: '8s', rate: '60/s' },
    ],
  },
  budgets: [
    { name: 'quotes are fast', kind: 'latency', operation: 'quote', phase: 'steady', under: '50ms', atLeast: '99%' },
    { name: 'nothing fails before', kind: 'errors', phase: 'steady', atMost: '0.1%' },
    { name: 'nothing fails in the spike', kind: 'errors', phase: 'spike', atMost: '0.1%' },
    {
      name: 'well again after the spike',
      kind: 'recovery',
      operation: 'quote',
      after: 'spike',
      within: '4s',
      under: '50ms',
      atLeast: '95%',
    },
  ],
});
