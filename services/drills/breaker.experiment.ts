import { defineExperiment } from 'cutover';

/** What the monolith is declared to do; the services below are started with it. */
const THRESHOLD = 5;
const OPEN_TIME = '1s';
const CALL_TIMEOUT = '500ms';
const env = { BREAKER_THRESHOLD: String(THRESHOLD), BREAKER_OPEN_TIME: OPEN_TIME, PRICING_TIMEOUT: CALL_TIMEOUT };

const pricing = [
  { edge: 'orders-pricing', operation: 'quote', protocol: 'grpc' as const, calls: ['/cutover.v1.Pricing/Quote'] },
  { edge: 'orders-pricing-http', operation: 'quote', protocol: 'http' as const, calls: ['POST /v1/quotes'] },
];

export default defineExperiment({
  version: 1,
  name: 'breaker',
  description: 'The circuit breaker and the deadlines of the way to the Rust pricing, over gRPC and HTTP.',
  traffic: { pricing: 'full', ledger: 'full', 'pricing-http': 'full', 'ledger-http': 'full' },
  services: { monolith: { env }, 'monolith-http': { env } },
  load: {
    // No reads: what was written to one of the two systems is not in the other.
    env: { MIX: 'quote=60,append=40' },
    phases: [
      { name: 'warm-up', duration: '2s', rate: '60/s' },
      { name: 'steady', duration: '5s', rate: '160/s' },
    ],
  },
  drills: [
    {
      kind: 'circuit-breaker',
      on: [...pricing],
      threshold: THRESHOLD,
      openTime: OPEN_TIME,
      callTimeout: CALL_TIMEOUT,
      whileOpen: 'fallback',
      failFast: '50ms',
      others: { quantile: '95%', slack: '25ms' },
    },
    { kind: 'timeout', on: [...pricing], deadline: '1s', slack: '100ms', share: '12%', for: '6s' },
  ],
  budgets: [
    { name: 'requests are fast', kind: 'latency', phase: 'steady', under: '100ms', atLeast: '97%' },
    { name: 'nothing fails', kind: 'errors', phase: 'steady', atMost: '0.1%' },
  ],
});
