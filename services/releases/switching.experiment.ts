import { defineExperiment } from 'cutover';

/** What clients ask for goes this way; health checks of the engine do, too, and may. */
const edges = [
  { edge: 'orders-pricing', calls: ['/cutover.v1.Pricing/*'] },
  { edge: 'orders-ledger', calls: ['/cutover.v1.Ledger/*'] },
];

export default defineExperiment({
  version: 1,
  name: 'switching',
  description:
    'The kill switch reaches every route, also when the way to it is slow; and all traffic moves to the engine, back, and there again.',
  traffic: { pricing: 'full', ledger: 'full' },
  load: {
    phases: [
      { name: 'warm-up', duration: '3s', rate: '30/s' },
      { name: 'steady', duration: '5s', rate: '80/s' },
    ],
  },
  drills: [
    {
      kind: 'kill-switch',
      traffic: { pricing: 'full', ledger: 'full' },
      edges,
      within: '2s',
      // The first calls get lost on their way.
      control: { edge: 'admin', fault: { kind: 'timeout', edge: 'admin', direction: 'requests' }, for: '1500ms' },
    },
    {
      kind: 'blue-green',
      capabilities: ['pricing', 'ledger'],
      edges,
      budget: { under: '150ms', atLeast: '95%' },
      disruption: '0.5%',
    },
  ],
  budgets: [
    { name: 'requests are fast', kind: 'latency', phase: 'steady', under: '100ms', atLeast: '97%' },
    { name: 'nothing fails', kind: 'errors', phase: 'steady', atMost: '0.1%' },
  ],
});
