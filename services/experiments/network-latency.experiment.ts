import { defineExperiment } from 'cutover';

/** A quote of five lines is one call to the engine: whatever the network's delay, it is paid once. */
export default defineExperiment({
  version: 1,
  name: 'network-latency',
  description: 'The way to the Rust pricing gets longer: a delay of the network is paid once, not once a line.',
  traffic: { pricing: 'full', ledger: 'full' },
  load: {
    scenario: '../../scenarios/latency.ts',
    phases: [
      { name: 'warm-up', duration: '4s', rate: '40/s' },
      { name: 'steady', duration: '15s', rate: '100/s' },
      { name: 'near', duration: '12s', rate: '100/s' },
      { name: 'pause', duration: '3s', rate: '100/s' },
      { name: 'far', duration: '12s', rate: '100/s' },
      { name: 'recovery', duration: '4s', rate: '100/s' },
    ],
  },
  faults: [
    { name: 'near-network', kind: 'latency', edge: 'orders-pricing', latency: '20ms', during: 'near' },
    { name: 'far-network', kind: 'latency', edge: 'orders-pricing', latency: '60ms', jitter: '10ms', during: 'far' },
  ],
  budgets: [
    { name: 'quotes are fast', kind: 'latency', operation: 'quote', phase: 'steady', under: '50ms', atLeast: '99%' },
    { name: 'nothing fails', kind: 'errors', phase: 'steady', atMost: '0.1%' },
    {
      name: '20 ms away: quotes in time',
      kind: 'latency',
      operation: 'quote',
      phase: 'near',
      under: '80ms',
      atLeast: '99%',
    },
    {
      name: '20 ms away: the delay is paid once',
      catalogue: 'LAT-1',
      kind: 'latency-rise',
      operation: 'quote',
      phase: 'near',
      against: 'steady',
      fault: 'near-network',
      slack: '5ms',
    },
    { name: '20 ms away: nothing fails', kind: 'errors', phase: 'near', atMost: '0.1%' },
    {
      name: '60 ms away: quotes in time',
      kind: 'latency',
      operation: 'quote',
      phase: 'far',
      under: '150ms',
      atLeast: '99%',
    },
    {
      name: '60 ms away: the delay is paid once',
      catalogue: 'LAT-1',
      kind: 'latency-rise',
      operation: 'quote',
      phase: 'far',
      against: 'steady',
      fault: 'far-network',
      slack: '5ms',
    },
    { name: '60 ms away: nothing fails', kind: 'errors', phase: 'far', atMost: '0.1%' },
  ],
});
