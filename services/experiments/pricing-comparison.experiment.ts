import { defineExperiment } from 'cutover';

/** Quotes cost some CPU here, as they do in practice: a calculation of microseconds would only compare the network. */
export default defineExperiment({
  version: 1,
  name: 'pricing-comparison',
  description:
    'Is the Rust pricing as good as the Go pricing? Both answer in turn, on the same machine and in the same minutes.',
  traffic: { ledger: 'off' },
  services: { monolith: { env: { PRICING_WORK: '120' } }, engine: { env: { PRICING_WORK: '120' } } },
  load: {
    scenario: '../../scenarios/latency.ts',
    phases: [
      { name: 'warm-up', duration: '6s', rate: '80/s' },
      { name: 'compare', duration: '96s', rate: '80/s' },
    ],
  },
  comparison: {
    phase: 'compare',
    blocks: 12,
    settle: '1s',
    baseline: { traffic: { pricing: 'off' } },
    candidate: { traffic: { pricing: 'full' } },
    metrics: [
      { of: 'latency', operation: 'quote', quantile: '50%', margin: '30%' },
      { of: 'errors' },
      { of: 'throughput' },
      { of: 'cpu-per-request', margin: '30%' },
    ],
  },
});
