import { defineExperiment } from 'cutover';
import { history } from '../releases/history.ts';

const TRAFFIC = { pricing: 'full', ledger: { canary: 50 } } as const;

export default defineExperiment({
  version: 1,
  name: 'rollback',
  description:
    'The Rust ledger gets slow with half of the writes on it: the kill switch takes it out, all is well again, and every acknowledged write is there once.',
  traffic: TRAFFIC,
  // What the engine has not told the monolith yet when it is taken out must get there all the same: some seconds of writes.
  services: { engine: { env: { REPLICATION_INTERVAL: '3s' } } },
  load: {
    // No reads: what is not told yet is not found.
    env: { MIX: 'quote=40,order=20,append=40' },
    phases: [
      { name: 'warm-up', duration: '4s', rate: '30/s' },
      { name: 'steady', duration: '6s', rate: '100/s' },
    ],
    recordWrites: true,
  },
  drills: [
    {
      kind: 'rollback',
      traffic: TRAFFIC,
      // Less than the call's time-out: nothing fails, it is only too slow.
      fault: { kind: 'latency', edge: 'orders-ledger', latency: '300ms' },
      budget: { operation: 'ledger-append', under: '150ms', atLeast: '90%' },
      within: '7s',
    },
  ],
  budgets: [
    { name: 'requests are fast', kind: 'latency', phase: 'steady', under: '100ms', atLeast: '97%' },
    { name: 'nothing fails', kind: 'errors', phase: 'steady', atMost: '0.1%' },
  ],
  history,
});
