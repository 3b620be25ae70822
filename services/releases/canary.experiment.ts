import { defineExperiment } from 'cutover';

export default defineExperiment({
  version: 1,
  name: 'canary',
  description: 'The Rust pricing gets a quarter of the quotes, then all of them, if it is as good as the Go pricing.',
  traffic: { pricing: 'off', ledger: 'off' },
  load: {
    env: { MIX: 'quote=100' },
    phases: [
      { name: 'warm-up', duration: '3s', rate: '40/s' },
      { name: 'steady', duration: '5s', rate: '80/s' },
    ],
  },
  drills: [
    {
      kind: 'canary',
      capability: 'pricing',
      shares: [25, 100],
      analysis: { operation: 'quote', under: '60ms', margin: '3%' },
      within: '2s',
      edges: [{ edge: 'orders-pricing', calls: ['/cutover.v1.Pricing/*'] }],
    },
  ],
  budgets: [
    { name: 'quotes are fast', kind: 'latency', operation: 'quote', phase: 'steady', under: '60ms', atLeast: '97%' },
    { name: 'nothing fails', kind: 'errors', phase: 'steady', atMost: '0.1%' },
  ],
});
