import { defineExperiment } from 'cutover';

export default defineExperiment({
  version: 1,
  name: 'shadow',
  description:
    'Shadow traffic to the Rust engine has no effect there, and costs the clients no time, even when the engine is dead.',
  load: {
    // Reads back what was written; a write is what a shadow must not repeat.
    env: { MIX: 'quote=40,append=40,read=20' },
    phases: [
      { name: 'warm-up', duration: '2s', rate: '60/s' },
      { name: 'steady', duration: '3s', rate: '110/s' },
    ],
  },
  drills: [
    {
      kind: 'shadow',
      off: { pricing: 'off', ledger: 'off' },
      shadow: { pricing: 'shadow', ledger: 'shadow' },
      for: '7s',
      dead: { edges: ['orders-pricing', 'orders-ledger'], for: '6s' },
      latency: { operations: ['quote', 'ledger-append', 'ledger-get'], slack: '50ms' },
      // What is replicated to it is no call.
      effects: {
        url: 'http://{{engine.http}}/metrics',
        metric: 'requests_total',
        labels: { operation: 'ledger-append' },
      },
      writes: { operations: ['ledger-append'] },
      shadowed: { url: 'http://{{monolith.http}}/metrics', metric: 'shadow_total' },
    },
  ],
  budgets: [{ name: 'nothing fails', kind: 'errors', phase: 'steady', atMost: '1%' }],
});
