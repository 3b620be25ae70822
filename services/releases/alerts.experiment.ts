import { defineExperiment } from 'cutover';

export default defineExperiment({
  version: 1,
  name: 'alerts',
  description: 'The way to the ledger breaks: the alerts that are deployed tell of it in time, and of nothing else.',
  traffic: { pricing: 'full', ledger: 'full' },
  load: {
    phases: [
      { name: 'warm-up', duration: '4s', rate: '30/s' },
      { name: 'steady', duration: '12s', rate: '60/s' },
      { name: 'outage', duration: '10s', rate: '60/s' },
      { name: 'recovery', duration: '24s', rate: '60/s' },
    ],
  },
  faults: [{ name: 'no-ledger', kind: 'down', edge: 'orders-ledger', during: 'outage' }],
  budgets: [
    { name: 'nothing fails in steady state', kind: 'errors', phase: 'steady', atMost: '0.1%' },
    { name: 'quotes are fast', kind: 'latency', operation: 'quote', phase: 'steady', under: '250ms', atLeast: '99%' },
  ],
  alerts: {
    // The rules as they are deployed: "cutover alerts alerts" makes them of the budgets above. An hour passes in 24 s.
    prometheus: { rules: ['../alerts/reference.rules.yaml'], scrape: ['monolith'], timeScale: 150 },
    expect: [
      { alert: 'ErrorBudgetBurn', labels: { severity: 'page' }, during: 'no-ledger', within: '6s', resolves: '20s' },
      // Its short window is six hours: it stays longer than this run.
      { alert: 'ErrorBudgetBurn', labels: { severity: 'ticket' }, during: 'no-ledger', within: '6s' },
    ],
  },
});
