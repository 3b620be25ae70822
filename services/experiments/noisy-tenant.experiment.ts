import { defineExperiment } from 'cutover';

/** Eight tenants keep to their quota; a ninth asks for ten times as much as it may. */
export default defineExperiment({
  version: 1,
  name: 'noisy-tenant',
  description: 'One tenant sends ten times its quota: it gets its quota, and the others notice nothing.',
  traffic: { pricing: 'full', ledger: 'full' },
  services: { monolith: { env: { TENANT_QUOTA: '20', TENANT_BURST: '20' } } },
  load: {
    scenario: '../../scenarios/noisy-tenant.ts',
    env: { TENANTS: '8' },
    phases: [
      { name: 'warm-up', duration: '4s', rate: '40/s', env: { NOISY_SHARE: '0' } },
      { name: 'steady', duration: '16s', rate: '80/s', env: { NOISY_SHARE: '0' } },
      { name: 'noisy', duration: '16s', rate: '280/s', env: { NOISY_SHARE: '0.7143' } },
    ],
  },
  budgets: [
    { name: 'quotes are fast', kind: 'latency', operation: 'quote', phase: 'steady', under: '50ms', atLeast: '99%' },
    { name: 'nothing fails', kind: 'errors', phase: 'steady', atMost: '0.1%' },
    {
      name: 'the noisy tenant gets its quota',
      catalogue: 'QUO-1',
      kind: 'quota',
      operation: 'noisy-quote',
      phase: 'noisy',
      rate: '20/s',
      burst: 20,
    },
    {
      name: 'the noisy tenant is refused in the agreed way',
      catalogue: 'QUO-1',
      kind: 'rejections',
      operation: 'noisy-quote',
      phase: 'noisy',
    },
    {
      name: 'the other tenants stay as fast',
      catalogue: 'QUO-1',
      kind: 'latency-rise',
      operation: 'quote',
      phase: 'noisy',
      against: 'steady',
      atMost: '110%',
      slack: '5ms',
    },
    { name: "the other tenants' quotes succeed", kind: 'errors', operation: 'quote', phase: 'noisy', atMost: '0.1%' },
  ],
});
