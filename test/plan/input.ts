import type { ConfigInput, ExperimentInput } from '../../lib/index.ts';

/** A small valid experiment, to be changed by tests. */
export function anExperiment(changes: Partial<ExperimentInput> = {}): ExperimentInput {
  return {
    version: 1,
    name: 'checkout',
    load: {
      scenario: 'builtin:http',
      env: { URL: '{{shop}}/cart' },
      phases: [
        { name: 'warm-up', duration: '2s', rate: { from: '0/s', to: '10/s' } },
        { name: 'steady', duration: '5s', rate: '10/s' },
        { name: 'broken', duration: '5s', rate: '10/s' },
        { name: 'recovery', duration: '3s', rate: '10/s' },
      ],
    },
    budgets: [{ kind: 'errors', phase: 'steady', atMost: '1%' }],
    ...changes,
  };
}

/** A small valid config with that experiment inside. */
export function aConfig(changes: Partial<ConfigInput> = {}): ConfigInput {
  return {
    version: 1,
    system: {
      services: {
        shop: { url: 'http://127.0.0.1:8080' },
        stock: { process: { command: ['stock', '{{stock.http}}', '{{data}}'] }, ports: ['http'] },
      },
      edges: { 'shop-stock': { from: 'shop', to: 'stock.http', protocol: 'http' } },
    },
    experiments: [anExperiment()],
    ...changes,
  };
}
