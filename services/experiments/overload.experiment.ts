import { defineExperiment } from 'cutover';

/**
 * The monolith calculates on one core, and each quote costs some milliseconds of it: some 230 a second are all it can do. What
 * comes on top is refused at once, so that the rest stays good; without that everything gets slow and nothing is.
 */
export default defineExperiment({
  version: 1,
  name: 'overload',
  description:
    'Twice the load that the Go monolith can take: it refuses what is too much, and does the rest as well as before.',
  traffic: { pricing: 'off', ledger: 'off' },
  services: { monolith: { env: { GOMAXPROCS: '1', PRICING_WORK: '160', MAX_IN_FLIGHT: '8' } } },
  load: {
    scenario: '../../scenarios/overload.ts',
    steady: 'peak',
    phases: [
      { name: 'warm-up', duration: '4s', rate: '50/s' },
      { name: 'peak', duration: '12s', rate: '140/s' },
      { name: 'overload', duration: '12s', rate: '460/s' },
      { name: 'recovery', duration: '12s', rate: '80/s' },
    ],
    maxVUs: 450,
  },
  budgets: [
    {
      name: 'quotes are fast at the peak',
      kind: 'latency',
      operation: 'quote',
      phase: 'peak',
      under: '250ms',
      atLeast: '95%',
    },
    {
      name: 'overload: goodput stays',
      catalogue: 'CAP-6',
      kind: 'goodput',
      operation: 'quote',
      phase: 'overload',
      against: 'peak',
      under: '250ms',
      atLeast: '90%',
    },
    { name: 'overload: refused in the agreed way', catalogue: 'CAP-6', kind: 'rejections', phase: 'overload' },
    {
      name: 'overload: well again afterwards',
      catalogue: 'CAP-6',
      kind: 'recovery',
      operation: 'quote',
      after: 'overload',
      within: '10s',
      under: '250ms',
      atLeast: '95%',
    },
  ],
  capacity: { from: '60/s', upTo: '600/s', forecast: '100/s', headroom: '120%' },
});
