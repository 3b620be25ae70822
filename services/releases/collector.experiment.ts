import { defineExperiment } from 'cutover';

const env = { OTLP_ENDPOINT: 'http://{{otlp.http}}' };

export default defineExperiment({
  version: 1,
  name: 'collector',
  description: 'A collector of spans that hangs or is down costs requests nothing.',
  traffic: { pricing: 'full', ledger: 'full' },
  services: { monolith: { env }, engine: { env } },
  load: {
    phases: [
      { name: 'warm-up', duration: '2s', rate: '30/s' },
      { name: 'steady', duration: '4s', rate: '60/s' },
    ],
  },
  // On two cores that others use, too, a p99 moves by more than it does on a machine of its own.
  drills: [{ kind: 'collector', for: '4s', slack: '25ms' }],
  budgets: [{ name: 'hardly anything fails in steady state', kind: 'errors', phase: 'steady', atMost: '5%' }],
});
