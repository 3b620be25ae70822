import { defineExperiment } from 'cutover';

export default defineExperiment({
  version: 1,
  name: 'engine-faults',
  description:
    'The way to the Rust pricing gets slow, then breaks: time-outs, breaker and fallback contain it, and it recovers.',
  traffic: { pricing: 'full', ledger: 'full' },
  load: {
    phases: [
      { name: 'warm-up', duration: '4s', rate: '40/s' },
      { name: 'steady', duration: '12s', rate: '120/s' },
      { name: 'slow', duration: '14s', rate: '120/s' },
      { name: 'slow-recovery', duration: '10s', rate: '120/s' },
      { name: 'down', duration: '10s', rate: '120/s' },
      { name: 'recovery', duration: '10s', rate: '120/s' },
    ],
  },
  faults: [
    { name: 'slow-pricing', kind: 'latency', edge: 'orders-pricing', latency: '2s', during: 'slow' },
    { name: 'no-pricing', kind: 'down', edge: 'orders-pricing', during: 'down' },
  ],
  budgets: [
    {
      name: 'quotes are fast in steady state',
      kind: 'latency',
      operation: 'quote',
      phase: 'steady',
      under: '50ms',
      atLeast: '99%',
    },
    { name: 'nothing fails in steady state', kind: 'errors', phase: 'steady', atMost: '0.1%' },
    // The breaker: all but the calls that it takes to open it, and its probes, fail over at once.
    {
      name: 'breaker: most quotes are fast while pricing is slow',
      kind: 'latency',
      operation: 'quote',
      phase: 'slow',
      under: '100ms',
      atLeast: '90%',
    },
    // The time-out: no call waits for the slow engine.
    {
      name: 'time-out: every quote is bounded while pricing is slow',
      kind: 'latency',
      operation: 'quote',
      phase: 'slow',
      under: '1s',
      atLeast: '99.5%',
    },
    {
      name: 'fallback: quotes succeed while pricing is slow',
      kind: 'errors',
      operation: 'quote',
      phase: 'slow',
      atMost: '0.1%',
    },
    {
      name: 'ledger reads are untouched while pricing is slow',
      kind: 'latency',
      operation: 'ledger-get',
      phase: 'slow',
      under: '100ms',
      atLeast: '99%',
    },
    {
      name: 'fallback: quotes succeed while pricing is down',
      kind: 'errors',
      operation: 'quote',
      phase: 'down',
      atMost: '0.1%',
    },
    {
      name: 'quotes are fast while pricing is down',
      kind: 'latency',
      operation: 'quote',
      phase: 'down',
      under: '100ms',
      atLeast: '99%',
    },
    {
      name: 'orders succeed while pricing is down',
      kind: 'errors',
      operation: 'order-place',
      phase: 'down',
      atMost: '0.5%',
    },
    {
      name: 'recovery after slow pricing',
      kind: 'recovery',
      after: 'slow-pricing',
      operation: 'quote',
      within: '5s',
      under: '50ms',
      atLeast: '95%',
    },
    {
      name: 'recovery after lost pricing',
      kind: 'recovery',
      after: 'no-pricing',
      operation: 'quote',
      within: '5s',
      under: '50ms',
      atLeast: '95%',
    },
    { name: 'nothing fails after recovery', kind: 'errors', phase: 'recovery', atMost: '0.1%' },
  ],
});
