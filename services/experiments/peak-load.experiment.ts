import { defineExperiment } from 'cutover';

export default defineExperiment({
  version: 1,
  name: 'peak-load',
  description: 'The Rust engine takes all of pricing and ledger traffic at forecast peak.',
  traffic: { pricing: 'full', ledger: 'full' },
  load: {
    phases: [
      { name: 'warm-up', duration: '4s', rate: '40/s' },
      { name: 'ramp', duration: '6s', rate: { from: '40/s', to: '200/s' } },
      { name: 'steady', duration: '30s', rate: '200/s' },
      { name: 'recovery', duration: '3s', rate: '40/s' },
    ],
  },
  budgets: [
    { name: 'quotes are fast', kind: 'latency', operation: 'quote', phase: 'steady', under: '50ms', atLeast: '99%' },
    {
      name: 'orders are fast',
      kind: 'latency',
      operation: 'order-place',
      phase: 'steady',
      under: '250ms',
      atLeast: '99%',
    },
    {
      name: 'ledger writes are fast',
      kind: 'latency',
      operation: 'ledger-append',
      phase: 'steady',
      under: '200ms',
      atLeast: '99%',
    },
    {
      name: 'ledger reads are fast',
      kind: 'latency',
      operation: 'ledger-get',
      phase: 'steady',
      under: '100ms',
      atLeast: '99%',
    },
    { name: 'nothing fails', kind: 'errors', phase: 'steady', atMost: '0.1%' },
    { name: 'the peak is reached', kind: 'throughput', phase: 'steady', atLeast: '99%' },
    { name: 'monolith CPU', kind: 'cpu', service: 'monolith', phase: 'steady', atMost: '1 core' },
    { name: 'engine CPU', kind: 'cpu', service: 'engine', phase: 'steady', atMost: '1 core' },
    { name: 'monolith memory', kind: 'memory', service: 'monolith', phase: 'steady', atMost: '256MiB' },
    { name: 'engine memory', kind: 'memory', service: 'engine', phase: 'steady', atMost: '128MiB' },
  ],
});
