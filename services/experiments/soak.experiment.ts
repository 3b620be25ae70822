import { defineExperiment } from 'cutover';

/** Short for a soak: limits of the same kind over hours are in docs/load-testing.md. */
export default defineExperiment({
  version: 1,
  name: 'soak',
  description: 'A steady load: what a request costs, and the memory that is in use, stay what they are.',
  traffic: { pricing: 'full', ledger: 'full' },
  load: {
    scenario: '../../scenarios/soak.ts',
    phases: [
      { name: 'warm-up', duration: '10s', rate: '120/s' },
      { name: 'steady', duration: '60s', rate: '120/s' },
    ],
  },
  budgets: [
    { name: 'quotes are fast', kind: 'latency', operation: 'quote', phase: 'steady', under: '50ms', atLeast: '99%' },
    { name: 'nothing fails', kind: 'errors', phase: 'steady', atMost: '0.1%' },
    ...(['monolith', 'engine'] as const).flatMap((service) => [
      {
        name: `${service}: a request costs the same all the time`,
        catalogue: 'CAP-4',
        kind: 'cpu-per-request' as const,
        service,
        phase: 'steady',
        drift: '25%',
      },
      {
        name: `${service}: memory does not grow`,
        catalogue: 'CAP-5',
        kind: 'memory-growth' as const,
        service,
        phase: 'steady',
        atMost: '60MiB/m',
      },
    ]),
  ],
});
